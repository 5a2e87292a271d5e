/** A field of a table: a number in place, or something that an offset leads to. */
export type FlatValue =
  | { readonly byte: number }
  | { readonly int: number }
  | { readonly float: number }
  | { readonly long: bigint }
  | { readonly text: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly longs: readonly number[] }
  | { readonly bytes: Uint8Array }
  | { readonly table: FlatFields }
  | { readonly tables: readonly FlatFields[] };

/** Fields of a table by their numbers in the schema. */
export type FlatFields = Readonly<Record<number, FlatValue>>;

/** A FlatBuffers file: the root's offset, four letters, then each table behind its vtable, and behind it what its offsets lead to. */
export function flatBuffer(root: FlatFields, identifier: string): Buffer {
  const writer = new Writer();
  writer.put(4);
  writer.append(Buffer.from(identifier));
  const table = writer.table(root);
  writer.bytes.writeUInt32LE(table, 0);
  return writer.bytes.subarray(0, writer.end);
}

/** All fields take eight bytes, which is more than some need. */
const slot = 8;

class Writer {
  bytes = Buffer.alloc(1024);
  end = 0;

  /** Room for so many bytes at a place that is a multiple of four. */
  put(length: number): number {
    const at = Math.ceil(this.end / 4) * 4;
    this.end = at + length;
    if (this.end > this.bytes.length)
      this.bytes = Buffer.concat([this.bytes], Math.max(this.end, 2 * this.bytes.length));
    return at;
  }

  append(content: Uint8Array): number {
    const at = this.put(content.length);
    this.bytes.set(content, at);
    return at;
  }

  table(fields: FlatFields): number {
    const numbers = Object.keys(fields).map(Number);
    const count = numbers.length === 0 ? 0 : Math.max(...numbers) + 1;
    const vtable = this.put(4 + 2 * count);
    const table = this.put(4 + slot * count);
    this.bytes.writeUInt16LE(4 + 2 * count, vtable);
    this.bytes.writeUInt16LE(4 + slot * count, vtable + 2);
    this.bytes.writeInt32LE(table - vtable, table);
    for (const number of numbers) {
      this.bytes.writeUInt16LE(4 + slot * number, vtable + 4 + 2 * number);
      this.#value(fields[number], table + 4 + slot * number);
    }
    return table;
  }

  #value(value: FlatValue, at: number): void {
    if ('byte' in value) this.bytes.writeUInt8(value.byte, at);
    else if ('int' in value) this.bytes.writeInt32LE(value.int, at);
    else if ('float' in value) this.bytes.writeFloatLE(value.float, at);
    else if ('long' in value) this.bytes.writeBigUInt64LE(value.long, at);
    else {
      // What is behind may move the bytes to a larger buffer.
      const target = this.#referred(value);
      this.bytes.writeUInt32LE(target - at, at);
    }
  }

  #referred(
    value: Exclude<FlatValue, { byte: number } | { int: number } | { float: number } | { long: bigint }>,
  ) {
    if ('table' in value) return this.table(value.table);
    if ('tables' in value) return this.#tablesOf(value.tables);
    if ('text' in value) return this.#vector(Buffer.from(value.text), Buffer.byteLength(value.text));
    if ('bytes' in value) return this.#vector(value.bytes, value.bytes.length);
    if ('longs' in value)
      return this.#vector(
        new Uint8Array(BigInt64Array.from(value.longs.map(BigInt)).buffer),
        value.longs.length,
      );
    const numbers = 'ints' in value ? Int32Array.from(value.ints) : Float32Array.from(value.floats);
    return this.#vector(new Uint8Array(numbers.buffer), numbers.length);
  }

  #vector(content: Uint8Array, length: number): number {
    const at = this.put(4 + content.length);
    this.bytes.writeUInt32LE(length, at);
    this.bytes.set(content, at + 4);
    return at;
  }

  /** A table that stands in a vector several times is written once. */
  #tablesOf(tables: readonly FlatFields[]): number {
    const at = this.put(4 + 4 * tables.length);
    this.bytes.writeUInt32LE(tables.length, at);
    const written = new Map<FlatFields, number>();
    for (const [i, fields] of tables.entries()) {
      const target = written.get(fields) ?? this.table(fields);
      written.set(fields, target);
      this.bytes.writeUInt32LE(target - (at + 4 + 4 * i), at + 4 + 4 * i);
    }
    return at;
  }
}
