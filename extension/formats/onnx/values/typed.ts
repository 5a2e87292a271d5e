import type { WireReader } from '../../protobuf/reader.ts';
import type { OnnxTensor, TypedField, ValuesPlace } from '../proto.ts';
import { decodeVarints } from '../read/lists.ts';
import { elementType } from './elementType.ts';

type TypedPlace = Extract<ValuesPlace, { kind: 'typed' }>;

const fixedWidths: Partial<Record<TypedField, number>> = { float: 4, double: 8 };

/**
 * The values of a typed field, as many as the tensor has, as they would stand in raw_data. Throws `UserError` fileDamaged where there are
 * more or less, or the field is not the one of the tensor's type.
 */
export async function typedBytes(
  reader: WireReader,
  { dataType }: OnnxTensor,
  { field, runs }: TypedPlace,
  count: number,
): Promise<Uint8Array> {
  const type = elementType(dataType);
  if (type?.field !== field) throw reader.damaged();
  const width = fixedWidths[field];
  const parts: Uint8Array[] = [];
  for (const { start, end, packed } of runs) {
    const bytes = await reader.bytes({ start, end });
    if (width !== undefined) parts.push(packed ? bytes.slice() : withoutTags(bytes, width));
    else parts.push(asBytes(decodeVarints(reader, bytes, packed, count), type.width));
  }
  const joined = Buffer.concat(parts);
  if (joined.length !== count * type.width) throw reader.damaged();
  return joined;
}

/** Where all values stand one after another as in raw_data, which those of a packed field of floats do. */
export function contiguousRun({ field, runs }: TypedPlace): { start: number; end: number } | undefined {
  return fixedWidths[field] && runs.length === 1 && runs[0].packed ? runs[0] : undefined;
}

/** The numbers of all these fields are below 16, so that tags take one byte. */
function withoutTags(bytes: Uint8Array, width: number): Uint8Array {
  const values = new Uint8Array((bytes.length / (width + 1)) * width);
  for (let from = 1, to = 0; from < bytes.length; from += width + 1, to += width)
    values.set(bytes.subarray(from, from + width), to);
  return values;
}

function asBytes(integers: readonly number[], width: number): Uint8Array {
  const bytes = new Uint8Array(integers.length * width);
  const view = new DataView(bytes.buffer);
  for (const [i, value] of integers.entries()) {
    if (width === 1) view.setUint8(i, value);
    else if (width === 2) view.setUint16(2 * i, value, true);
    else if (width === 4) view.setUint32(4 * i, value, true);
    // The nearest double of the largest int64 is one more than that.
    else view.setBigInt64(8 * i, value >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(value), true);
  }
  return bytes;
}
