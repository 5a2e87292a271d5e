import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { temporaryName } from '../protocol/temporaryNames.ts';
import { UserError } from '../protocol/userError.ts';

/**
 * Lets `write` fill a temporary file beside `path`, syncs it and renames it, so that `path` appears whole or not at
 * all. Errors of the disk become `diskFull`, `readOnly` or `cannotWrite`; the temporary file never stays.
 * @param replace whether a file of this name may go; else it stays, and `outputExists` is thrown
 */
export async function writeWhole(
  path: string,
  write: (temporary: string) => Promise<void>,
  replace = true,
): Promise<void> {
  const temporary = join(dirname(path), temporaryName(basename(path), process.pid));
  try {
    await write(temporary);
    await sync(temporary);
    await (replace ? rename(temporary, path) : renameToFree(temporary, path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw diskError(error, path);
  }
}

/** A rename that replaces nothing: a link fails where the name is taken, even if it was free a moment ago. */
async function renameToFree(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new UserError('outputExists', { file: path });
    // Some file systems have no links.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error;
    return rename(temporary, path);
  }
  await rm(temporary);
}

async function sync(path: string): Promise<void> {
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
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') return new UserError('readOnly', { file });
  if (typeof code === 'string') return new UserError('cannotWrite', { file, reason: message });
  return error;
}
