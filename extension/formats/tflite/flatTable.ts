import { UserError } from '../../protocol/userError.ts';
import type { PagedFile } from './pagedFile.ts';

/** More in one vector of tables than any model has; what claims more is damaged. */
const mostElements = 2 ** 20;

/**
 * A table of a FlatBuffers file (FlatBuffers internals, "Tables"): fields are found by the offsets in its vtable, and absent ones have the
 * schema's default.
 */
export class FlatTable {
  readonly #file: PagedFile;
  readonly #at: number;
  readonly #vtable: number;
  readonly #vtableSize: number;
  readonly #shownAs: string;

  constructor(file: PagedFile, at: number, shownAs: string) {
    this.#file = file;
    this.#at = at;
    this.#shownAs = shownAs;
    this.#vtable = at - file.int32(at);
    this.#vtableSize = file.uint16(this.#vtable);
  }

  /** The root table, which the file's first number points to. */
  static root(file: PagedFile, shownAs: string): FlatTable {
    return new FlatTable(file, file.uint32(0), shownAs);
  }

  uint8(field: number, usual = 0): number {
    const at = this.#place(field);
    return at === undefined ? usual : this.#file.uint8(at);
  }

  bool(field: number, usual = false): boolean {
    return this.uint8(field, usual ? 1 : 0) !== 0;
  }

  int32(field: number, usual = 0): number {
    const at = this.#place(field);
    return at === undefined ? usual : this.#file.int32(at);
  }

  uint32(field: number, usual = 0): number {
    const at = this.#place(field);
    return at === undefined ? usual : this.#file.uint32(at);
  }

  uint64(field: number, usual = 0): number {
    const at = this.#place(field);
    return at === undefined ? usual : this.#file.int64(at);
  }

  float32(field: number, usual = 0): number {
    const at = this.#place(field);
    return at === undefined ? usual : this.#file.float32(at);
  }

  text(field: number): string | undefined {
    const found = this.#vector(field, 1);
    return found && this.#file.text(found.at, found.length);
  }

  /** The table that a field points to. */
  table(field: number): FlatTable | undefined {
    const at = this.#place(field);
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

  /** Where the bytes of a vector of bytes lie; undefined where there are none. */
  bytes(field: number): { readonly at: number; readonly length: number } | undefined {
    return this.#vector(field, 1);
  }

  #elements<T>(field: number, width: number, read: (at: number) => T): T[] {
    const found = this.#vector(field, width);
    if (!found) return [];
    if (found.length > mostElements) throw this.#damaged();
    return Array.from({ length: found.length }, (_, i) => read(found.at + i * width));
  }

  #vector(field: number, width: number): { at: number; length: number } | undefined {
    const place = this.#place(field);
    if (place === undefined) return undefined;
    const start = place + this.#file.uint32(place);
    const length = this.#file.uint32(start);
    const at = start + 4;
    if (at + length * width > this.#file.size) throw this.#damaged();
    return { at, length };
  }

  #tableAt(at: number): FlatTable {
    return new FlatTable(this.#file, at + this.#file.uint32(at), this.#shownAs);
  }

  #place(field: number): number | undefined {
    const entry = 4 + 2 * field;
    if (entry + 2 > this.#vtableSize) return undefined;
    const offset = this.#file.uint16(this.#vtable + entry);
    return offset === 0 ? undefined : this.#at + offset;
  }

  #damaged(): UserError {
    return new UserError('fileDamaged', { file: this.#shownAs }, { code: 'reasonTruncated', args: {} });
  }
}
