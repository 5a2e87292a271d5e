import type { FileBytes } from '../../bytes/fileBytes.ts';
import { Damage, Unfamiliar } from './unfamiliar.ts';

const pageSize = 2 ** 16;
/** More of a file is not read to know what is in it, nor looked at where the same is read again and again. */
const mostBytes = 64 * 2 ** 20;
/** What asking counts as, for however few bytes. */
const askedBytes = 64;

/** Reads small pieces of a file by whole pages, which are kept. */
export class Pages {
  readonly #file: FileBytes;
  readonly #pages = new Map<number, Buffer>();
  readonly #nodes = new Set<number>();
  #left = mostBytes;
  #leftToAsk = mostBytes;

  constructor(file: FileBytes) {
    this.#file = file;
  }

  get fileSize(): number {
    return this.#file.size;
  }

  /** `length` bytes from `at`; others may see the same memory. */
  async bytes(at: number, length: number): Promise<Buffer> {
    if (at + length > this.#file.size) throw new Damage('beyond the end');
    this.#leftToAsk -= length + askedBytes;
    if (this.#leftToAsk < 0) throw new Unfamiliar('too much to look at');
    const page = Math.floor(at / pageSize);
    if (at + length > (page + 1) * pageSize) return this.#read(at, length);
    const known = this.#pages.get(page);
    const start = page * pageSize;
    const own = known ?? (await this.#read(start, Math.min(pageSize, this.#file.size - start)));
    this.#pages.set(page, own);
    return own.subarray(at - start, at - start + length);
  }

  /**
   * Notes a part of a structure that one other part leads to. Throws `Damage` where another one does: there could be any number of ways.
   */
  enter(at: number): void {
    if (this.#nodes.has(at)) throw new Damage('a part of two structures');
    this.#nodes.add(at);
  }

  #read(at: number, length: number): Promise<Buffer> {
    this.#left -= length;
    if (this.#left < 0) throw new Unfamiliar('too much to look at');
    return this.#file.read(at, length);
  }
}
