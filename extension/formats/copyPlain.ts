import { constants } from 'node:fs';
import { chmod, copyFile } from 'node:fs/promises';

/** Copies a file byte by byte to a path that must not exist; the copy can be written even where the original cannot. */
export async function copyPlain(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL);
  await chmod(to, 0o644);
}
