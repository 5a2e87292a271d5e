import { wires } from '../../protobuf/reader.ts';
import { writeVarint } from '../../protobuf/varint.ts';

/** TensorProto.raw_data, the field that any type of numbers may be kept in. */
const rawData = 9;

/** Tag and length of a field of bytes. */
export function bytesHeader(number: number, length: number): Uint8Array {
  return Buffer.concat([writeVarint(number * 8 + wires.bytes), writeVarint(length)]);
}

/** So many bytes of values as raw_data: header and values. */
export function rawField(length: number): { readonly length: number; of(values: Uint8Array): Uint8Array } {
  const header = bytesHeader(rawData, length);
  return { length: header.length + length, of: (values) => Buffer.concat([header, values]) };
}
