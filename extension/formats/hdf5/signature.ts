import type { FileHandle } from 'node:fs/promises';

/** What every HDF5 file begins with, or what follows its user block. */
export const signature = Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');

/**
 * Where a file of `size` bytes has HDF5's signature: at 0 or, behind a user block, at 512, 1024, 2048, … (HDF5 file format specification,
 * II.A). Undefined where it has none.
 */
export async function signaturePlace(file: FileHandle, size: number): Promise<number | undefined> {
  const head = Buffer.alloc(signature.length);
  for (let at = 0; at + signature.length <= size; at = at === 0 ? 512 : at * 2) {
    await file.read(head, 0, head.length, at);
    if (head.equals(signature)) return at;
  }
  return undefined;
}
