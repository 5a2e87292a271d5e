import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { UserError } from '../../protocol/userError.ts';

/** Small, so that a file whose tables lie far apart is read quickly, too. */
const pageSize = 2 ** 13;
/** 16 MB; the tables of a model lie close together, its weights are not read here. */
const mostPages = 2048;

/** A file whose numbers are read here and there: a page at a time, of which the last ones to be read are kept. */
export class PagedFile {
  readonly size: number;
  readonly #descriptor: number;
  readonly #shownAs: string;
  readonly #pages = new Map<number, Buffer>();

  constructor(path: string, shownAs = path) {
    this.#shownAs = shownAs;
    this.#descriptor = openSync(path, 'r');
    try {
      this.size = fstatSync(this.#descriptor).size;
    } catch (error) {
      closeSync(this.#descriptor);
      throw error;
    }
  }

  uint8(at: number): number {
    return this.#view(at, 1).readUInt8(0);
  }

  uint16(at: number): number {
    return this.#view(at, 2).readUInt16LE(0);
  }

  int32(at: number): number {
    return this.#view(at, 4).readInt32LE(0);
  }

  uint32(at: number): number {
    return this.#view(at, 4).readUInt32LE(0);
  }

  float32(at: number): number {
    return this.#view(at, 4).readFloatLE(0);
  }

  /** The nearest double where it is beyond 2^53. */
  int64(at: number): number {
    return Number(this.#view(at, 8).readBigInt64LE(0));
  }

  /** The nearest double where it is beyond 2^53. */
  uint64(at: number): number {
    return Number(this.#view(at, 8).readBigUInt64LE(0));
  }

  text(at: number, length: number): string {
    return this.#view(at, length).toString('utf8');
  }

  close(): void {
    closeSync(this.#descriptor);
    this.#pages.clear();
  }

  /** Throws fileDamaged where the file ends before. */
  #view(at: number, length: number): Buffer {
    if (!(at >= 0 && length >= 0 && at + length <= this.size))
      throw new UserError('fileDamaged', { file: this.#shownAs }, { code: 'reasonTruncated', args: {} });
    const first = Math.floor(at / pageSize);
    const start = at - first * pageSize;
    if (start + length <= pageSize) return this.#page(first).subarray(start, start + length);
    const bytes = Buffer.alloc(length);
    for (let done = 0; done < length; ) {
      const place = at + done;
      const page = this.#page(Math.floor(place / pageSize));
      done += page.copy(bytes, done, place % pageSize);
    }
    return bytes;
  }

  #page(number: number): Buffer {
    const known = this.#pages.get(number);
    if (known) return known;
    const at = number * pageSize;
    const page = Buffer.alloc(Math.min(pageSize, this.size - at));
    for (let done = 0; done < page.length; ) {
      const read = readSync(this.#descriptor, page, done, page.length - done, at + done);
      if (read === 0) break;
      done += read;
    }
    const [oldest] = this.#pages.keys();
    if (this.#pages.size >= mostPages && oldest !== undefined) this.#pages.delete(oldest);
    this.#pages.set(number, page);
    return page;
  }
}
