import { constants } from 'node:fs';
import { access, lstat, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UserError } from '../protocol/userError.ts';
import { suffixOf } from './open.ts';

/** `model.h5` becomes `model.pruned.h5`, then `model.pruned-2.h5`: the first sibling that does not exist. */
export async function freeOutputName(
  original: string,
  taken: (candidate: string) => boolean = () => false,
): Promise<string> {
  const suffix = suffixOf(original);
  const stem = original.slice(0, -suffix.length);
  for (let n = 1; ; n++) {
    const candidate = `${stem}.pruned${n === 1 ? '' : `-${n}`}${suffix}`;
    // Asked last, so that nothing comes between the answer and whoever reserves the name.
    if (!(await exists(candidate)) && !taken(candidate)) return candidate;
  }
}

/** Names that jobs of this process are going to write. */
const reserved = new Set<string>();

/** An output name that no other job of this process is given until it is released. */
export interface ReservedName {
  readonly path: string;
  release(): void;
}

/** `freeOutputName`, for jobs that run side by side. Throws what `checkFolder` throws. */
export async function reserveOutputName(original: string): Promise<ReservedName> {
  const path = await freeOutputName(original, (candidate) => reserved.has(candidate));
  reserved.add(path);
  const release = () => reserved.delete(path);
  try {
    await checkFolder(path);
  } catch (error) {
    release();
    throw error;
  }
  return { path, release };
}

/** Checks a chosen output: not the original, same suffix, and what `checkPlace` checks. */
export async function checkOutput(original: string, output: string, force: boolean): Promise<void> {
  const suffix = suffixOf(original).toLowerCase();
  if (!output.toLowerCase().endsWith(suffix))
    throw new UserError('outputFormat', { file: output, extension: suffix });
  if (resolve(output) === resolve(original) || (await sameFile(output, original)))
    throw new UserError('outputIsOriginal', { file: output });
  await checkPlace(output, force);
}

/** Checks before any work that a file can be written: not there yet unless forced, no folder, in a folder that takes it. */
export async function checkPlace(file: string, force: boolean): Promise<void> {
  if (await isFolder(file))
    throw new UserError('cannotWrite', { file }, { code: 'reasonIsFolder', args: {} });
  if (!force && (await exists(file))) throw new UserError('outputExists', { file });
  await checkFolder(file);
}

/** Throws cannotWrite where the folder of a file to be written does not exist, readOnly where it takes no files. */
export async function checkFolder(file: string): Promise<void> {
  const folder = dirname(file);
  if (!(await isFolder(folder))) {
    throw new UserError('cannotWrite', { file }, { code: 'reasonNoFolder', args: { folder } });
  }
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch {
    throw new UserError('readOnly', { file, folder });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/** Whether two paths lead to one file, by links or by another case. */
async function sameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all(
    [a, b].map((path) => stat(path, { bigint: true }).catch(() => undefined)),
  );
  return one !== undefined && other !== undefined && one.dev === other.dev && one.ino === other.ino;
}

/** A link that leads nowhere exists too. */
async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
