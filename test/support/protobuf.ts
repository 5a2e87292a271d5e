import { writeVarint } from '../../extension/formats/protobuf/varint.ts';

/** One field of a message: an integer is a varint, a text or bytes stand behind their length. */
export function field(number: number, value: number | string | Uint8Array): Buffer {
  if (typeof value === 'number') return Buffer.concat([writeVarint(8 * number), writeVarint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([writeVarint(8 * number + 2), writeVarint(bytes.length), bytes]);
}

/** A field of 4 bytes. */
export function floatField(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return Buffer.concat([writeVarint(8 * number + 5), bytes]);
}

export function packedVarints(number: number, values: readonly number[]): Buffer {
  return field(number, Buffer.concat(values.map(writeVarint)));
}

export function packedFloats(number: number, values: readonly number[]): Buffer {
  return field(number, Buffer.from(Float32Array.from(values).buffer));
}
