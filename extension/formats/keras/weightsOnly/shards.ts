import { mkdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Model } from '../../../model/model.ts';
import type { ProbeResult } from '../../../protocol/requests.ts';
import { UserError } from '../../../protocol/userError.ts';
import { copyPlain } from '../../copyPlain.ts';
import type { Format } from '../../format.ts';
import { Hdf5File } from '../../hdf5/file.ts';
import { checkRebuild } from '../../hdf5/rebuild.ts';
import { onlyName } from '../../onlyName.ts';
import { saveHdf5 } from '../saveHdf5.ts';
import { rebuildPurpose } from '../shrink.ts';
import { isShardMap, readShardMap } from './shardMap.ts';
import { optimizerGroup, treeGroups } from './treeGroups.ts';
import { probeWeights, type WeightsContents, weightsModel } from './weightsModel.ts';

const suffix = '.weights.json';

/** Weights of Keras 3 in several HDF5 files, and the JSON file that lists them. */
export const kerasShards: Format = {
  suffixes: [suffix],
  match: isShardMap,
  expected: 'expectedShardMap',
  mainFile,
  probe,
  open,
};

function mainFile(names: readonly string[]): string | undefined {
  return onlyName(names, suffix);
}

async function probe(path: string): Promise<ProbeResult> {
  const files = await openShards(path);
  try {
    return probeWeights(await contentsOf(path, files));
  } finally {
    await closeAll(files);
  }
}

async function open(path: string): Promise<Model> {
  const files = await openShards(path);
  try {
    return weightsModel(await contentsOf(path, files), {
      save: async (folder, parameters, options) => {
        await mkdir(folder);
        await copyPlain(path, join(folder, basename(path)));
        for (const [shard, file] of files) {
          const own = parameters.filter(({ source }) => source === file);
          await saveHdf5(shard, join(folder, basename(shard)), own, options);
        }
      },
      checkCompress: async () => {
        for (const shard of files.keys())
          await checkRebuild(shard, rebuildPurpose(shard, 'compress', optimizerGroup));
      },
      close: async () => closeAll(files),
    });
  } catch (error) {
    await closeAll(files);
    throw error;
  }
}

type OpenShards = ReadonlyMap<string, Hdf5File>;

async function contentsOf(path: string, files: OpenShards): Promise<WeightsContents> {
  const all = [path, ...files.keys()];
  let bytes = 0;
  for (const file of all) bytes += (await stat(file)).size;
  return {
    path,
    groups: treeGroups([...files.values()], path),
    format: 'Keras HDF5 weights',
    hasOptimizerState: [...files.values()].some((file) => file.keys(`${optimizerGroup}/vars`).length > 0),
    bytes,
    files: all,
    folder: basename(path),
  };
}

async function openShards(path: string): Promise<OpenShards> {
  const files = new Map<string, Hdf5File>();
  try {
    for (const shard of (await readShardMap(path)).shards) files.set(shard, await openShard(shard, path));
    return files;
  } catch (error) {
    await closeAll(files);
    throw error;
  }
}

async function openShard(shard: string, path: string): Promise<Hdf5File> {
  const isFile = await stat(shard).then(
    (found) => found.isFile(),
    () => false,
  );
  if (isFile) return Hdf5File.open(shard);
  const cause = { code: 'reasonExternalMissing', args: { name: basename(shard) } } as const;
  throw new UserError('fileDamaged', { file: path }, cause);
}

async function closeAll(files: OpenShards): Promise<void> {
  for (const file of files.values()) await file.close();
}
