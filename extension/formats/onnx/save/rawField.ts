import { fieldHead } from '../../protobuf/fields.ts';

/** TensorProto.raw_data, the field that any type of numbers may be kept in. */
const rawData = 9;

/** So many bytes of values as raw_data: header and values. */
export function rawField(length: number): { readonly length: number; of(values: Uint8Array): Uint8Array } {
  const header = fieldHead(rawData, length);
  return { length: header.length + length, of: (values) => Buffer.concat([header, values]) };
}
