import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { unreadable } from '../protocol/unreadable.ts';
import { UserError } from '../protocol/userError.ts';
import { checkFileSize } from './checkFileSize.ts';
import { copyPlain } from './copyPlain.ts';
import { damaged } from './damaged.ts';
import { isObject, isTexts } from './json.ts';
import { jsonFault } from './jsonFault.ts';
import { largestJson } from './largestJson.ts';

const mostShards = 4096;

/** The index of several files that hold the tensors of one model, as Hugging Face's libraries write it. */
export interface ShardIndex {
  readonly path: string;
  readonly json: Readonly<Record<string, unknown>>;
  /** By the tensors' names, in the index' order, the name of a file beside the index. */
  readonly places: Readonly<Record<string, string>>;
  /** Names of the files, each once. */
  readonly names: readonly string[];
}

/**
 * Reads an index. Throws `UserError` fileTooLarge; fileDamaged, where it names a file outside its own folder, too.
 * @param ending of the names of all files
 */
export async function readShardIndex(path: string, ending: string): Promise<ShardIndex> {
  await checkFileSize(path, largestJson);
  const json = await readObject(path);
  const { weight_map: places } = json;
  if (!isTexts(places)) throw damaged(path);
  const names = [...new Set(Object.values(places))];
  if (names.length === 0 || names.length > mostShards || !names.every((name) => isPlain(name, ending)))
    throw damaged(path);
  return { path, json, places, names };
}

/**
 * Opens all files of an index; each must hold the tensors that the index says it does. Throws `UserError` fileDamaged, fileNotFound,
 * fileUnreadable and what `open` throws.
 */
export async function openShardFiles<Shard>(
  { path, places, names }: ShardIndex,
  open: (path: string) => Promise<Shard>,
  holds: (shard: Shard, tensor: string) => boolean,
  close: (shard: Shard) => Promise<void>,
): Promise<Map<string, Shard>> {
  const files = new Map<string, Shard>();
  try {
    for (const name of names) files.set(name, await found(join(dirname(path), name), open));
    for (const [tensor, name] of Object.entries(places)) {
      const file = files.get(name);
      if (file === undefined || !holds(file, tensor))
        throw damaged(path, { code: 'reasonNoTensor', args: { tensor, file: name } });
    }
    return files;
  } catch (error) {
    for (const file of files.values()) await close(file);
    throw error;
  }
}

/** Writes the index into a folder as it was, but for the size of all tensors where that is another one. */
export async function saveShardIndex(
  { path, json }: ShardIndex,
  folder: string,
  size?: number,
): Promise<void> {
  const written = join(folder, basename(path));
  if (size === undefined) {
    await copyPlain(path, written);
    return;
  }
  const { metadata } = json;
  const changed = { ...json, metadata: { ...(isObject(metadata) && metadata), total_size: size } };
  await writeFile(written, `${JSON.stringify(changed, undefined, 2)}\n`);
}

async function readObject(path: string): Promise<Record<string, unknown>> {
  const text = await readFile(path, 'utf8');
  const fault = jsonFault(text);
  if (fault) throw damaged(path, fault);
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw damaged(path, { code: 'reasonNoObject', args: {} });
}

async function found<Shard>(path: string, open: (path: string) => Promise<Shard>): Promise<Shard> {
  try {
    return await open(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UserError('fileNotFound', { file: path });
    if (typeof code === 'string') throw unreadable(path, error);
    throw error;
  }
}

/** The name of a file beside the index, and no way out of its folder. */
function isPlain(name: string, ending: string): boolean {
  return /^[^/\\:\0]+$/.test(name) && name.length > ending.length && name.endsWith(ending);
}
