import { UserError } from '../../protocol/userError.ts';
import type { FileBytes } from '../bytes/fileBytes.ts';
import type { Place, Range } from './place.ts';
import { longestVarint, readVarint, varintEnd } from './varint.ts';

/** How a field's contents are written (protobuf.dev, "Encoding"): a varint, 8 bytes, a length and so many bytes, 4 bytes. */
export const wires = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;
type Wire = (typeof wires)[keyof typeof wires];
type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * One field of a message: its contents lie from `start` to `end`. Fields of one number that are no lengths of bytes and stand side by side
 * are one run: each with its own tag, which but for the first lie between `start` and `end`.
 */
export interface Field extends Range {
  readonly number: number;
  readonly wire: Wire;
  /** Where its tag begins. */
  readonly field: number;
  /** Of a varint: the value, of a run the last one, as it counts where the field is no list. */
  readonly value: number;
  readonly count: number;
}

/** So much is read at once where less is asked for, so that the many small fields of a graph take few reads. */
const windowBytes = 64 * 1024;
/** More fields than the largest models have; each takes memory. */
const mostFields = 2 ** 24;

/**
 * Reads protobuf messages of a file where they lie, without loading what nobody asks for. Every length is checked against the message that
 * it stands in. Throws `UserError` fileDamaged.
 */
export class WireReader {
  readonly file: FileBytes;
  readonly #shownAs: string;
  #window: Uint8Array = new Uint8Array(0);
  #windowStart = 0;
  #fields = 0;

  constructor(file: FileBytes, shownAs: string) {
    this.file = file;
    this.#shownAs = shownAs;
  }

  /** The whole file as a message. */
  whole(): Place {
    return { field: 0, start: 0, end: this.file.size };
  }

  /** Contents of a message that a field of `parent` holds. */
  message(field: Field, parent: Place): Place {
    return { ...this.#bytes(field), field: field.field, parent };
  }

  /** The fields of a message in the order of the file. */
  async fields({ start, end }: Range): Promise<Field[]> {
    const fields: Mutable<Field>[] = [];
    for (let at = start; at < end; ) {
      const needed = Math.min(2 * longestVarint, end - at);
      // Nearly always it is there, and waiting for nothing would take longer than reading a field.
      if (!this.#holds(at, needed)) await this.#load(at, needed);
      const tag = this.#varint(at, end);
      const contents = this.#windowStart + varintEnd();
      const number = Math.floor(tag / 8);
      const wire = tag % 8;
      if (number < 1 || number >= 2 ** 29) throw this.damaged();
      const last = fields.at(-1);
      const { from, to, value } = this.#contents(wire, contents, end);
      if (last?.number === number && last.wire === wire && wire !== wires.bytes) {
        last.end = to;
        last.value = value;
        last.count++;
      } else {
        if (++this.#fields > mostFields) throw this.damaged('reasonTooManyParts', { limit: mostFields });
        fields.push({ number, wire: wire as Wire, field: at, start: from, end: to, value, count: 1 });
      }
      at = to;
    }
    return fields;
  }

  /** The bytes themselves; what is returned is only to be looked at. */
  async bytes({ start, end }: Range): Promise<Uint8Array> {
    if (!this.#holds(start, end - start)) await this.#load(start, end - start);
    return this.#window.subarray(start - this.#windowStart, end - this.#windowStart);
  }

  async text(field: Field): Promise<string> {
    return Buffer.from(await this.bytes(this.#bytes(field))).toString('utf8');
  }

  /** An integer or enum that is no list. */
  integer(field: Field): number {
    if (field.wire !== wires.varint) throw this.damaged();
    return field.value;
  }

  /** A float that is no list. */
  async float({ wire, end }: Field): Promise<number> {
    if (wire !== wires.fixed32) throw this.damaged();
    const bytes = await this.bytes({ start: end - 4, end });
    return new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
  }

  damaged(
    code: 'reasonContent' | 'reasonTruncated' | 'reasonTooManyParts' = 'reasonContent',
    args = {},
  ): UserError {
    return new UserError('fileDamaged', { file: this.#shownAs }, { code, args });
  }

  #bytes({ wire, start, end }: Field): Range {
    if (wire !== wires.bytes) throw this.damaged();
    return { start, end };
  }

  #contents(wire: number, at: number, end: number): { from: number; to: number; value: number } {
    const upTo = (from: number, length: number, value = 0) => {
      if (length < 0 || from + length > end)
        throw this.damaged(end === this.file.size ? 'reasonTruncated' : 'reasonContent');
      return { from, to: from + length, value };
    };
    switch (wire) {
      case wires.varint: {
        const value = this.#varint(at, end);
        return { from: at, to: this.#windowStart + varintEnd(), value };
      }
      case wires.bytes: {
        const length = this.#varint(at, end);
        return upTo(this.#windowStart + varintEnd(), length);
      }
      case wires.fixed64:
        return upTo(at, 8);
      case wires.fixed32:
        return upTo(at, 4);
      default:
        // Groups have not been written for longer than ONNX exists.
        throw this.damaged();
    }
  }

  /** The varint at a place that is loaded; one that reaches beyond its message is damage. */
  #varint(at: number, end: number): number {
    const value = readVarint(this.#window, at - this.#windowStart);
    if (Number.isNaN(value) || this.#windowStart + varintEnd() > end) throw this.damaged();
    return value;
  }

  #holds(at: number, length: number): boolean {
    return at >= this.#windowStart && at + length <= this.#windowStart + this.#window.length;
  }

  async #load(at: number, length: number): Promise<void> {
    const bytes = Math.max(length, Math.min(windowBytes, this.file.size - at));
    this.#window = await this.file.read(at, bytes);
    this.#windowStart = at;
  }
}

/** Of several fields of one number, which is no list, the last one counts. */
export function fieldOf(fields: readonly Field[], number: number): Field | undefined {
  return fields.findLast((field) => field.number === number);
}
