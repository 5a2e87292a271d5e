import type { FileHandle } from 'node:fs/promises';

// One call of the system's takes or gives a part of a large buffer, and Node asks for at most 2^31 - 1 bytes.

export const mostAtOnce = 2 ** 30;

/** Fills `bytes` from byte `at` of the file on. @returns how many there were, fewer where the file ends before */
export async function readWhole(file: FileHandle, bytes: Uint8Array, at: number): Promise<number> {
  for (let done = 0; done < bytes.length; ) {
    const part = Math.min(bytes.length - done, mostAtOnce);
    const { bytesRead } = await file.read(bytes, done, part, at + done);
    if (bytesRead === 0) return done;
    done += bytesRead;
  }
  return bytes.length;
}

/** Writes all of `bytes` at byte `at`, or where the file was written last. */
export async function writeWhole(file: FileHandle, bytes: Uint8Array, at?: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const part = Math.min(bytes.length - done, mostAtOnce);
    const place = at === undefined ? null : at + done;
    done += (await file.write(bytes, done, part, place)).bytesWritten;
  }
}
