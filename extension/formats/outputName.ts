import { constants } from 'node:fs';
import { access, lstat, readdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UserError } from '../protocol/userError.ts';
import { endingsLike, splitSuffix } from './open.ts';

/** What an output is the output of: the model's file, whether all of its files go into a folder, and which these are. */
export interface Original {
  readonly path: string;
  readonly folder?: string | undefined;
  readonly files?: readonly string[] | undefined;
}

/**
 * `model.h5` becomes `model.pruned.h5`, then `model.pruned-2.h5`: the first sibling that does not exist. A model of several files becomes
 * a folder: `model.json` becomes `model.pruned`.
 */
export async function freeOutputName(
  { path, folder }: Original,
  taken: (candidate: string) => boolean = () => false,
): Promise<string> {
  const { stem, suffix } = splitSuffix(path);
  return freeName(`${stem}.pruned`, folder === undefined ? suffix : '', taken);
}

/** `stem.ending`, then `stem-2.ending`: the first name that does not exist and is not taken. */
export async function freeName(
  stem: string,
  ending: string,
  taken: (candidate: string) => boolean = () => false,
): Promise<string> {
  for (let n = 1; ; n++) {
    const candidate = `${stem}${n === 1 ? '' : `-${n}`}${ending}`;
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
export async function reserveOutputName(original: Original): Promise<ReservedName> {
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

/**
 * Checks a chosen output: not the original, a suffix of its format, and what `checkPlace` checks; of a folder what `checkOutputFolder`
 * does.
 */
export async function checkOutput(original: Original, output: string, force: boolean): Promise<void> {
  const { path, folder } = original;
  const endings = endingsLike(path);
  const ending = endings.find((ending) => output.toLowerCase().endsWith(ending));
  if (folder !== undefined) {
    if (ending !== undefined)
      throw new UserError('outputNoFolder', { file: output, example: folderLike(output, ending) });
    await checkOutside(original, output);
    await checkOutputFolder(path, output, folder, force);
    return;
  }
  if (ending === undefined) throw new UserError('outputFormat', { file: output, extension: endings });
  await checkNotOriginal(path, output);
  await checkPlace(output, force);
}

/** The name of a folder that somebody may have meant by that of a file. */
function folderLike(output: string, ending: string): string {
  return output.slice(0, -ending.length).replace(/[/\\]$/, '') || 'pruned';
}

/** Throws outputIsOriginal where an output would take the original's place, by whatever name. */
export async function checkNotOriginal(original: string, output: string): Promise<void> {
  if (resolve(output) === resolve(original) || (await sameFile(output, original)))
    throw new UserError('outputIsOriginal', { file: output });
}

/**
 * A folder that is there already goes only if that was asked for and a model is in it, so that nobody loses a folder of other things by a
 * name that was mistyped; never one that the original is in.
 */
export async function checkOutputFolder(
  original: string,
  output: string,
  main: string,
  force: boolean,
): Promise<void> {
  if (await isWithin(original, output)) throw new UserError('outputIsOriginal', { file: output });
  if (await exists(output)) {
    if (!force) throw new UserError('outputExists', { file: output });
    const names = await readdir(output).catch(() => [] as string[]);
    if (!names.includes(main)) throw new UserError('outputOtherFolder', { file: output, name: main });
  }
  await checkFolder(output);
}

/** An output in a folder that belongs to the original would change it, and be copied into itself. Throws outputInOriginal. */
async function checkOutside({ path, files = [] }: Original, output: string): Promise<void> {
  const beside = dirname(path);
  const isFolderItself = splitSuffix(path).stem === beside;
  const below = files.map((file) => dirname(file)).filter((folder) => folder !== beside);
  for (const folder of new Set([...(isFolderItself ? [beside] : []), ...below]))
    if (await isWithin(output, folder)) throw new UserError('outputInOriginal', { file: output, folder });
}

/** Whether a file lies in a folder, at any depth. */
async function isWithin(file: string, folder: string): Promise<boolean> {
  for (let inside = resolve(file), up = dirname(inside); up !== inside; inside = up, up = dirname(up)) {
    if (await sameFile(up, folder)) return true;
  }
  return false;
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
    throw new UserError('readOnly', { file, folder: resolve(folder) });
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
  if (resolve(a) === resolve(b)) return true;
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
