import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { temporaryName } from '../protocol/temporaryNames.ts';
import { UserError } from '../protocol/userError.ts';

/**
 * Lets `write` fill a temporary file beside `path`, syncs it and renames it, so that `path` appears whole or not at
 * all. Errors of the disk become `diskFull`, `readOnly` or `cannotWrite`; the temporary file never stays.
 */
export async function writeWhole(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = join(dirname(path), temporaryName(basename(path), process.pid));
  try {
    await write(temporary);
    await sync(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw diskError(error, path);
  }
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
