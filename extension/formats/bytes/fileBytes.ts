import { constants, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { UserError } from '../../protocol/userError.ts';
import { damaged } from '../damaged.ts';
import { mostAtOnce, readWhole } from './wholeCalls.ts';

const chunkBytes = 4 * 2 ** 20;

/** A file that is read where it is asked for, never whole. */
export class FileBytes {
  readonly path: string;
  readonly size: number;
  readonly #handle: FileHandle;
  readonly #shownAs: string;

  private constructor(path: string, size: number, handle: FileHandle, shownAs: string) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
    this.#shownAs = shownAs;
  }

  /** @param shownAs names the file in messages */
  static async open(path: string, shownAs = path): Promise<FileBytes> {
    const handle = await open(path, constants.O_RDONLY);
    try {
      return new FileBytes(path, (await handle.stat()).size, handle, shownAs);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** `length` bytes from `at`, a buffer of their own. Throws fileDamaged where the file ends before; nothing is allocated then. */
  async read(at: number, length: number): Promise<Buffer> {
    this.#check(at, length);
    const bytes = Buffer.allocUnsafeSlow(length);
    await this.readInto(bytes, at);
    return bytes;
  }

  /** Fills `bytes` from `at` on. Throws like `read`. */
  async readInto(bytes: Uint8Array, at: number): Promise<void> {
    this.#check(at, bytes.length);
    // Somebody may have made it shorter meanwhile.
    if ((await readWhole(this.#handle, bytes, at)) < bytes.length) throw this.#truncated();
  }

  /** The same at once, for tables whose places are known one by one. */
  readSync(at: number, length: number): Buffer {
    this.#check(at, length);
    const bytes = Buffer.allocUnsafeSlow(length);
    for (let done = 0; done < length; ) {
      const read = readSync(this.#handle.fd, bytes, done, Math.min(length - done, mostAtOnce), at + done);
      if (read === 0) throw this.#truncated();
      done += read;
    }
    return bytes;
  }

  /** The bytes of a range, piece by piece. Throws like `read`. */
  async *chunks(at: number, length: number): AsyncGenerator<Buffer> {
    for (let done = 0; done < length; done += chunkBytes)
      yield await this.read(at + done, Math.min(chunkBytes, length - done));
  }

  close(): Promise<void> {
    return this.#handle.close();
  }

  #check(at: number, length: number): void {
    if (!Number.isSafeInteger(at) || !Number.isSafeInteger(length) || at < 0 || length < 0)
      throw damaged(this.#shownAs);
    if (at + length > this.size) throw this.#truncated();
  }

  #truncated(): UserError {
    return new UserError('fileDamaged', { file: this.#shownAs }, { code: 'reasonTruncated', args: {} });
  }
}
