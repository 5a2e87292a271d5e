import type { Place } from '../../protobuf/place.ts';
import { type Field, type WireReader, wires } from '../../protobuf/reader.ts';
import { readVarint, varintEnd } from '../../protobuf/varint.ts';

/** More integers than any attribute or shape has. */
const mostItems = 2 ** 20;

/** The values of one field of a list of integers, packed or each with its own tag. */
export async function integersOf(reader: WireReader, field: Field): Promise<number[]> {
  if (field.count > mostItems) throw reader.damaged();
  if (field.wire === wires.varint && field.count === 1) return [field.value];
  const packed = field.wire === wires.bytes;
  if (!packed && field.wire !== wires.varint) throw reader.damaged();
  const bytes = await reader.bytes({ start: packed ? field.start : field.field, end: field.end });
  return decodeVarints(reader, bytes, packed, mostItems);
}

/** Varints one after another, or each behind its tag. */
export function decodeVarints(
  reader: WireReader,
  bytes: Uint8Array,
  packed: boolean,
  most: number,
): number[] {
  const values: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (values.length === most) throw reader.damaged();
    if (!packed) {
      readVarint(bytes, at);
      at = varintEnd();
    }
    const value = readVarint(bytes, at);
    if (Number.isNaN(value)) throw reader.damaged();
    at = varintEnd();
    values.push(value);
  }
  return values;
}

/** The values of one field of a list of floats. */
export async function floatsOf(reader: WireReader, field: Field): Promise<number[]> {
  const packed = field.wire === wires.bytes;
  if ((!packed && field.wire !== wires.fixed32) || field.end - field.start > 4 * mostItems)
    throw reader.damaged();
  const bytes = await reader.bytes(field);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // Without packing a tag stands before every value but the first; tags of these fields take one byte.
  const stride = packed || field.count === 1 ? 4 : (bytes.length - 4) / (field.count - 1);
  const count = packed ? Math.floor(bytes.length / 4) : field.count;
  if (packed && bytes.length % 4 !== 0) throw reader.damaged();
  return Array.from({ length: count }, (_, i) => view.getFloat32(i * stride, true));
}

/** The one string of each entry of a list of names and values. */
export async function textEntries(
  reader: WireReader,
  field: Field,
  parent: Place,
): Promise<readonly [key: string, value: string]> {
  let [key, value] = ['', ''];
  for (const part of await reader.fields(reader.message(field, parent))) {
    if (part.number === 1) key = await reader.text(part);
    else if (part.number === 2) value = await reader.text(part);
  }
  return [key, value];
}
