import { mkdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { byteSize, sizeOf } from '../../model/parameter.ts';
import { keptShape } from '../../model/shrinking.ts';
import { openShardFiles, readShardIndex, type ShardIndex, saveShardIndex } from '../shardIndex.ts';
import type { StateDict, TensorContainer, TensorSaveOptions } from '../stateDict/tensors.ts';
import { runnersNote, torchContainer } from './container.ts';
import { contentsOf, type TorchContents } from './contents.ts';
import { openTorchFile } from './openTorch.ts';
import type { TorchFile } from './torchFile.ts';

/** One file of several. */
interface TorchShard {
  readonly torch: TorchFile;
  readonly contents: TorchContents;
  readonly names: ReadonlySet<string>;
}

/** What DataParallel and torch.compile put before the names of all tensors; the names of an index keep it. */
const wrapped = /^((module|_orig_mod)\.)+/;

/**
 * Opens the files of `pytorch_model.bin.index.json`, each a state dict of its own, as one model. Throws what `readShardIndex`,
 * `openShardFiles` and `openTorchFile` throw.
 */
export async function openTorchShards(
  path: string,
): Promise<{ readonly stateDict: StateDict; readonly container: TensorContainer }> {
  const index = await readShardIndex(path, '.bin');
  const holds = ({ names }: TorchShard, tensor: string) =>
    names.has(tensor) || names.has(tensor.replace(wrapped, ''));
  const shards = await openShardFiles(index, openTorchShard, holds, ({ torch }) => torch.close());
  // They are numbered as the modules were made, while an index is sorted by the tensors' names.
  const inOrder = [...shards].sort(([a], [b]) => (a < b ? -1 : 1));
  const tensors = inOrder.flatMap(([, { contents }]) => contents.stateDict.tensors);
  const { size } = await stat(path);
  return { stateDict: { tensors, inOrder: true }, container: containerOf(index, shards, size) };
}

async function openTorchShard(path: string): Promise<TorchShard> {
  const torch = await openTorchFile(path);
  try {
    const contents = await contentsOf(torch);
    return { torch, contents, names: new Set(contents.stateDict.tensors.map(({ name }) => name)) };
  } catch (error) {
    await torch.close();
    throw error;
  }
}

function containerOf(
  index: ShardIndex,
  shards: ReadonlyMap<string, TorchShard>,
  indexBytes: number,
): TensorContainer {
  const { path } = index;
  const containers = new Map(
    [...shards].map(([name, { torch, contents }]) => [name, torchContainer(torch, contents)] as const),
  );
  const all = [...containers.values()];
  return {
    path,
    format: all[0].format,
    bytes: all.reduce((sum, { bytes }) => sum + bytes, indexBytes),
    files: [path, ...all.map((one) => one.path)],
    folder: basename(path),
    ...runnersNote([...shards.values()].flatMap(({ torch }) => torch.runners)),
    hasOptimizerState: all.some(({ hasOptimizerState }) => hasOptimizerState),
    shrinksOptimizerState: true,
    save: async (target, options) => {
      await mkdir(target);
      for (const [name, container] of containers) await container.save(join(target, name), options);
      await saveShardIndex(index, target, shrunkSize(index, shards, options));
    },
    masksOptimizerState: all.every(({ masksOptimizerState }) => masksOptimizerState === true),
    checkRebuild: async (purpose, sizes) => {
      for (const container of all) await container.checkRebuild(purpose, sizes);
    },
    close: async () => {
      for (const container of all) await container.close();
    },
  };
}

/** Bytes of all tensors once units have left: what the index says, less what goes. */
function shrunkSize(
  { json }: ShardIndex,
  shards: ReadonlyMap<string, TorchShard>,
  { kept }: TensorSaveOptions,
): number | undefined {
  const total = (json.metadata as { total_size?: unknown } | undefined)?.total_size;
  if (!kept || typeof total !== 'number') return undefined;
  const parameters = [...shards.values()].flatMap(({ contents }) => contents.parameters);
  return parameters.reduce((size, { name, shape, dtype }) => {
    const own = kept.get(name);
    return own ? size - (sizeOf(shape) - sizeOf(keptShape(shape, own))) * byteSize[dtype] : size;
  }, total);
}
