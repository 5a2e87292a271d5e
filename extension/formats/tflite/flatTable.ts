import type { Message } from '../../protocol/messages.ts';
import { UserError } from '../../protocol/userError.ts';
import type { PagedBytes } from '../bytes/pagedBytes.ts';

/**
 * So many bytes of tables, texts and numbers may be read of one file; the largest models have a few million. Offsets may point to the same
 * place again and again, so a small file could otherwise ask for any number of them.
 */
const mostBytes = 2 ** 24;
/** What a table counts as, for the fields that are looked up in it. */
const tableBytes = 128;

/**
 * A table of a FlatBuffers file (FlatBuffers internals, "Tables"): fields are found by the offsets in its vtable, and absent ones have the
 * schema's default.
 */
export class FlatTable {
  /** Where it lies in the file. */
  readonly at: number;
  readonly #file: PagedBytes;
  readonly #vtable: number;
  readonly #vtableSize: number;
  readonly #shownAs: string;
  readonly #allowance: Allowance;

  /** @param allowance of all tables of the file together */
  private constructor(file: PagedBytes, at: number, shownAs: string, allowance: Allowance) {
    this.#file = file;
    this.at = at;
    this.#shownAs = shownAs;
    this.#allowance = allowance;
    this.#take(tableBytes);
    this.#vtable = at - file.int32(at);
    this.#vtableSize = file.uint16(this.#vtable);
  }

  /** The root table, which the file's first number points to. */
  static root(file: PagedBytes, shownAs: string): FlatTable {
    return new FlatTable(file, file.uint32(0), shownAs, { bytes: mostBytes });
  }

  uint8(field: number, usual = 0): number {
    const at = this.place(field);
    return at === undefined ? usual : this.#file.uint8(at);
  }

  bool(field: number, usual = false): boolean {
    return this.uint8(field, usual ? 1 : 0) !== 0;
  }

  int32(field: number, usual = 0): number {
    const at = this.place(field);
    return at === undefined ? usual : this.#file.int32(at);
  }

  uint32(field: number, usual = 0): number {
    const at = this.place(field);
    return at === undefined ? usual : this.#file.uint32(at);
  }

  /** The nearest double where it is beyond 2^53. */
  uint64(field: number, usual = 0): number {
    const at = this.place(field);
    return at === undefined ? usual : this.#file.uint64(at);
  }

  float32(field: number, usual = 0): number {
    const at = this.place(field);
    return at === undefined ? usual : this.#file.float32(at);
  }

  text(field: number): string | undefined {
    const found = this.#vector(field, 1);
    if (!found) return undefined;
    this.#take(found.length);
    return this.#file.text(found.at, found.length);
  }

  /** The table that a field points to. */
  table(field: number): FlatTable | undefined {
    const at = this.place(field);
    return at === undefined ? undefined : this.#tableAt(at);
  }

  /** All tables of a vector. */
  tables(field: number): FlatTable[] {
    return this.#elements(field, 4, (at) => this.#tableAt(at));
  }

  int32s(field: number): number[] {
    return this.#elements(field, 4, (at) => this.#file.int32(at));
  }

  float32s(field: number): number[] {
    return this.#elements(field, 4, (at) => this.#file.float32(at));
  }

  int64s(field: number): number[] {
    return this.#elements(field, 8, (at) => this.#file.int64(at));
  }

  /** Fields that its vtable has room for. */
  get fields(): number {
    return Math.max(0, (this.#vtableSize - 4) >> 1);
  }

  /** Where what a field leads to lies in the file. */
  target(field: number): number | undefined {
    const at = this.place(field);
    return at === undefined ? undefined : at + this.#file.uint32(at);
  }

  /** Where the bytes of a vector of bytes lie; undefined where there are none. */
  bytes(field: number): { readonly at: number; readonly length: number } | undefined {
    return this.#vector(field, 1);
  }

  #elements<T>(field: number, width: number, read: (at: number) => T): T[] {
    const found = this.#vector(field, width);
    if (!found) return [];
    this.#take(found.length * width);
    return Array.from({ length: found.length }, (_, i) => read(found.at + i * width));
  }

  #vector(field: number, width: number): { at: number; length: number } | undefined {
    const start = this.target(field);
    if (start === undefined) return undefined;
    const length = this.#file.uint32(start);
    const at = start + 4;
    if (at + length * width > this.#file.size) throw this.#damaged({ code: 'reasonTruncated', args: {} });
    return { at, length };
  }

  #tableAt(at: number): FlatTable {
    return new FlatTable(this.#file, at + this.#file.uint32(at), this.#shownAs, this.#allowance);
  }

  /** Where a field lies in the file; undefined where it is left out. */
  place(field: number): number | undefined {
    const entry = 4 + 2 * field;
    if (entry + 2 > this.#vtableSize) return undefined;
    const offset = this.#file.uint16(this.#vtable + entry);
    return offset === 0 ? undefined : this.at + offset;
  }

  #take(bytes: number): void {
    this.#allowance.bytes -= bytes;
    if (this.#allowance.bytes < 0)
      throw this.#damaged({ code: 'reasonTooManyParts', args: { limit: mostBytes / tableBytes } });
  }

  #damaged(reason: Message): UserError {
    return new UserError('fileDamaged', { file: this.#shownAs }, reason);
  }
}

/** What may still be read of a file. */
interface Allowance {
  bytes: number;
}
