import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openShardFiles, readShardIndex, type ShardIndex, saveShardIndex } from '../shardIndex.ts';
import type { TensorSaveOptions } from '../stateDict/tensors.ts';
import { openSafetensors, type SafetensorsFile } from './file.ts';
import { saveSafetensors, shrunkEntries } from './save.ts';

/** Several files that hold the tensors of one model, and the index of them: `model.safetensors.index.json`. */
export interface Shards {
  readonly index: ShardIndex;
  /** By the names of the files, which lie beside the index. */
  readonly files: ReadonlyMap<string, SafetensorsFile>;
  /** By the tensors' names, in the index' order. */
  readonly shardOf: ReadonlyMap<string, SafetensorsFile>;
}

/** Opens all files that an index names. Throws what `readShardIndex` and `openShardFiles` throw. */
export async function openShards(path: string): Promise<Shards> {
  const index = await readShardIndex(path, '.safetensors');
  const holds = ({ entries }: SafetensorsFile, tensor: string) => entries.has(tensor);
  const files = await openShardFiles(index, openSafetensors, holds, ({ bytes }) => bytes.close());
  const shardOf = new Map(
    Object.entries(index.places).flatMap(([tensor, name]) => {
      const file = files.get(name);
      return file ? [[tensor, file] as const] : [];
    }),
  );
  return { index, files, shardOf };
}

export async function closeShards(files: Shards['files']): Promise<void> {
  for (const { bytes } of files.values()) await bytes.close();
}

/** Writes a folder with the index and all files. The index is the same, but for the size of all tensors where units leave. */
export async function saveShards(
  { index, files }: Shards,
  target: string,
  options: TensorSaveOptions,
): Promise<void> {
  await mkdir(target);
  const { kept } = options;
  for (const [name, file] of files) await saveSafetensors(file, join(target, name), options);
  const sizes = kept && [...files.values()].map((file) => shrunkEntries(file, kept).at(-1)?.end ?? 0);
  await saveShardIndex(
    index,
    target,
    sizes?.reduce((sum, size) => sum + size, 0),
  );
}
