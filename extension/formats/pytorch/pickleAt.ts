import { UserError } from '../../protocol/userError.ts';
import type { FileBytes } from '../bytes/fileBytes.ts';
import { type PickleRead, readPickle } from '../pickle/read.ts';

/** The pickle only says what there is; the weights lie outside. The largest known ones, with vocabularies, take a tenth. */
export const largestPickle = 128 * 2 ** 20;
const firstPiece = 2 ** 20;

/** Reads a pickle whose length is not known, at a place in a file. */
export async function pickleAt(file: FileBytes, at: number, shownAs: string): Promise<PickleRead> {
  const rest = file.size - at;
  for (let length = Math.min(rest, firstPiece); ; length = Math.min(rest, length * 8, largestPickle)) {
    try {
      const read = readPickle(await file.read(at, length), shownAs);
      return { ...read, end: at + read.end };
    } catch (error) {
      const ended = error instanceof UserError && error.info.cause?.code === 'reasonTruncated';
      if (!ended || length === rest) throw error;
      if (length >= largestPickle) throw tooLarge(shownAs, rest);
    }
  }
}

export function tooLarge(file: string, needed: number): UserError {
  return new UserError('tooLarge', { file, what: 'data.pkl', needed, limit: largestPickle });
}
