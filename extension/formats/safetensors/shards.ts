import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../../protocol/userError.ts';
import { checkFileSize } from '../checkFileSize.ts';
import { copyPlain } from '../copyPlain.ts';
import { damaged } from '../damaged.ts';
import type { TensorSaveOptions } from '../stateDict/tensors.ts';
import { openSafetensors, type SafetensorsFile } from './file.ts';
import { isObject, isTexts } from './header.ts';
import { saveSafetensors, shrunkEntries } from './save.ts';

const largestIndex = 100_000_000;
const mostShards = 4096;

/** Several files that hold the tensors of one model, and the index of them: `model.safetensors.index.json`. */
export interface Shards {
  /** The index' JSON. */
  readonly index: Readonly<Record<string, unknown>>;
  /** By the names of the files, which lie beside the index. */
  readonly files: ReadonlyMap<string, SafetensorsFile>;
  /** By the tensors' names, in the index' order. */
  readonly shardOf: ReadonlyMap<string, SafetensorsFile>;
}

/**
 * Opens all files that an index names; each must hold the tensors that the index says it does. Throws `UserError` fileDamaged, fileTooLarge,
 * fileNotFound.
 */
export async function openShards(path: string): Promise<Shards> {
  const index = await readIndex(path);
  const { weight_map: places } = index;
  if (!isTexts(places)) throw damaged(path);
  const names = new Set(Object.values(places));
  if (names.size === 0 || names.size > mostShards || [...names].some((name) => !isPlain(name)))
    throw damaged(path);
  const files = new Map<string, SafetensorsFile>();
  try {
    for (const name of names) files.set(name, await openShard(join(dirname(path), name)));
    const shardOf = new Map(
      Object.entries(places).map(([tensor, name]) => {
        const file = files.get(name);
        if (!file?.entries.has(tensor))
          throw damaged(path, { code: 'reasonNoTensor', args: { tensor, file: name } });
        return [tensor, file];
      }),
    );
    return { index, files, shardOf };
  } catch (error) {
    await closeShards(files);
    throw error;
  }
}

export async function closeShards(files: Shards['files']): Promise<void> {
  for (const { bytes } of files.values()) await bytes.close();
}

/** Writes a folder with the index and all files. The index is the same, but for the size of all tensors where units leave. */
export async function saveShards(
  path: string,
  { index, files }: Shards,
  target: string,
  options: TensorSaveOptions,
): Promise<void> {
  await mkdir(target);
  const { kept } = options;
  for (const [name, file] of files) await saveSafetensors(file, join(target, name), options);
  const written = join(target, basename(path));
  if (!kept) {
    await copyPlain(path, written);
    return;
  }
  const size = [...files.values()].reduce(
    (sum, file) => sum + (shrunkEntries(file, kept).at(-1)?.end ?? 0),
    0,
  );
  const { metadata } = index;
  const changed = { ...index, metadata: { ...(isObject(metadata) && metadata), total_size: size } };
  await writeFile(written, `${JSON.stringify(changed, undefined, 2)}\n`);
}

async function readIndex(path: string): Promise<Record<string, unknown>> {
  await checkFileSize(path, largestIndex);
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw damaged(path, { code: 'reasonNoObject', args: {} });
}

async function openShard(path: string): Promise<SafetensorsFile> {
  try {
    return await openSafetensors(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UserError('fileNotFound', { file: path });
    if (typeof code === 'string') throw new UserError('fileUnreadable', { file: path, reason: message });
    throw error;
  }
}

/** The name of a file beside the index, and no way out of its folder. */
function isPlain(name: string): boolean {
  return /^[^/\\:\0]+\.safetensors$/.test(name);
}
