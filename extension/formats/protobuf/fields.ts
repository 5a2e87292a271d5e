import { wires } from './reader.ts';
import { writeVarint } from './varint.ts';

/** Fields of protocol buffers messages as bytes (protobuf encoding: a tag, then a number or a length and contents). */

/** A field that is a whole number. */
export function integerField(field: number, value: number): Buffer {
  return Buffer.concat([tag(field, wires.varint), writeVarint(value)]);
}

/** A field that is a float32. */
export function floatField(field: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([tag(field, wires.fixed32), bytes]);
}

/** What stands before a field of so many bytes: the contents follow. */
export function fieldHead(field: number, length: number): Buffer {
  return Buffer.concat([tag(field, wires.bytes), writeVarint(length)]);
}

/** A field that is a text, bytes or a message. */
export function bytesField(field: number, contents: string | Uint8Array): Buffer {
  const bytes = typeof contents === 'string' ? Buffer.from(contents) : contents;
  return Buffer.concat([fieldHead(field, bytes.length), bytes]);
}

/** A repeated field of whole numbers, packed. */
export function packedIntegers(field: number, values: readonly number[]): Buffer {
  return values.length === 0 ? Buffer.alloc(0) : bytesField(field, Buffer.concat(values.map(writeVarint)));
}

function tag(field: number, wire: number): Uint8Array {
  return writeVarint(8 * field + wire);
}
