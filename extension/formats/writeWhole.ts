import { link, lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { temporaryName } from '../protocol/temporaryNames.ts';
import { withoutPaths } from '../protocol/unreadable.ts';
import { UserError } from '../protocol/userError.ts';

export interface Placing {
  /** A file of this name may go; else it stays, and `outputExists` is thrown. */
  readonly replace?: boolean;
  /** Gives another name where this one was taken while the file was written; then nothing is thrown. */
  readonly another?: () => Promise<string>;
}

/**
 * Lets `write` fill a temporary file or folder beside `path`, syncs it and renames it, so that `path` appears whole or not at
 * all. Errors of the disk become `diskFull`, `readOnly` or `cannotWrite`; the temporary file never stays.
 * @returns the path that was written
 */
export async function writeWhole(
  path: string,
  write: (temporary: string) => Promise<void>,
  { replace = false, another }: Placing = { replace: true },
): Promise<string> {
  const temporary = join(dirname(path), temporaryName(basename(path), process.pid));
  try {
    await write(temporary);
    await sync(temporary);
    if (replace) await renameOver(temporary, path);
    else return await renameToFree(temporary, path, another);
    return path;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw diskError(error, path);
  }
}

/** A rename that replaces what is there. A folder must be out of the way first; it goes when the new one is in its place. */
async function renameOver(temporary: string, path: string): Promise<void> {
  const isFolder = (name: string) =>
    lstat(name).then(
      (found) => found.isDirectory(),
      () => false,
    );
  if (!(await isFolder(temporary)) || !(await isFolder(path))) {
    await rename(temporary, path);
    return;
  }
  const old = join(dirname(path), temporaryName(`old.${basename(path)}`, process.pid));
  await rename(path, old);
  try {
    await rename(temporary, path);
  } catch (error) {
    await rename(old, path);
    throw error;
  }
  await rm(old, { recursive: true, force: true });
}

/** A rename that replaces nothing: a link fails where the name is taken, even if it was free a moment ago. */
async function renameToFree(
  temporary: string,
  path: string,
  another: (() => Promise<string>) | undefined,
): Promise<string> {
  for (let name = path; ; ) {
    try {
      await link(temporary, name);
      await rm(temporary);
      return name;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const hasNoLinks = code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'ENOSYS';
      // Some file systems have no links, and none has links of folders.
      if (code !== 'EEXIST' && !hasNoLinks) throw error;
      if (code === 'EEXIST' || (await isTaken(name))) {
        if (!another) throw new UserError('outputExists', { file: name });
        name = await another();
        continue;
      }
      await rename(temporary, name);
      return name;
    }
  }
}

function isTaken(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

/** A folder with all that it holds. */
async function sync(path: string): Promise<void> {
  if ((await lstat(path)).isDirectory()) {
    for (const name of await readdir(path)) await sync(join(path, name));
    return;
  }
  const handle = await open(path, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function diskError(error: unknown, file: string): unknown {
  const { code, message, name } = error as NodeJS.ErrnoException;
  if (name === 'AbortError') return new UserError('cancelled');
  if (code === 'ENOSPC' || code === 'EDQUOT') return new UserError('diskFull', { file });
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM')
    return new UserError('readOnly', { file, folder: resolve(dirname(file)) });
  if (typeof code === 'string') return new UserError('cannotWrite', { file, reason: withoutPaths(message) });
  return error;
}
