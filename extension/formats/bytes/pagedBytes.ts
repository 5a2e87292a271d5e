import type { FileBytes } from './fileBytes.ts';

/** Small, so that a file whose tables lie far apart is read quickly, too. */
const pageSize = 2 ** 13;
/** 16 MB; the tables of a model lie close together, its weights are not read here. */
const mostPages = 2048;

/** Numbers of a file that are read here and there: a page at a time, of which the last ones to be read are kept. Little-endian. */
export class PagedBytes {
  readonly #file: FileBytes;
  readonly #pages = new Map<number, Buffer>();

  constructor(file: FileBytes) {
    this.#file = file;
  }

  get size(): number {
    return this.#file.size;
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

  /** Throws fileDamaged where the file ends before. */
  #view(at: number, length: number): Buffer {
    const first = Math.floor(at / pageSize);
    const start = at - first * pageSize;
    // What lies beyond the file is refused where it is read.
    if (start + length > pageSize || !(at >= 0 && at + length <= this.size))
      return this.#file.readSync(at, length);
    return this.#page(first).subarray(start, start + length);
  }

  #page(number: number): Buffer {
    const known = this.#pages.get(number);
    if (known) return known;
    const at = number * pageSize;
    const page = this.#file.readSync(at, Math.min(pageSize, this.size - at));
    const [oldest] = this.#pages.keys();
    if (this.#pages.size >= mostPages && oldest !== undefined) this.#pages.delete(oldest);
    this.#pages.set(number, page);
    return page;
  }
}
