import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import type { Message, MessageCode } from '../protocol/messages.ts';
import { unreadable } from '../protocol/unreadable.ts';
import { UserError } from '../protocol/userError.ts';

/** Most bytes that an array may take, in its file or in memory. */
const largestArray = 4 * 2 ** 30;

/** Size of a data file. Throws fileNotFound, fileUnreadable, or dataDamaged where it is empty. */
export async function sizeOfFile(file: string): Promise<number> {
  const found = await access(file, constants.R_OK)
    .then(() => stat(file))
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw new UserError('fileNotFound', { file });
      throw unreadable(file, error);
    });
  if (!found.isFile()) throw new UserError('dataFormatUnknown', { file });
  if (found.size === 0) throw damaged(file, 'reasonEmpty');
  return found.size;
}

export function damaged(file: string, code: MessageCode, args: Message['args'] = {}): UserError {
  return new UserError('dataDamaged', { file }, { code, args });
}

/** Refuses what would not fit into memory, before anything is allocated for it. */
export function checkSize(file: string, what: string, bytes: number): void {
  if (bytes <= largestArray) return;
  throw new UserError('tooLarge', {
    file,
    what,
    needed: bytes,
    limit: largestArray,
  });
}
