import type { Place } from '../../protobuf/place.ts';
import type { WireReader } from '../../protobuf/reader.ts';
import type { OnnxValue } from '../proto.ts';

/** A ValueInfoProto: name, and of a tensor element type and lengths. */
export async function readValue(reader: WireReader, place: Place): Promise<OnnxValue> {
  let name = '';
  let type: Pick<OnnxValue, 'dataType' | 'dims'> = {};
  for (const field of await reader.fields(place)) {
    if (field.number === 1) name = await reader.text(field);
    else if (field.number === 2) type = await readType(reader, reader.message(field, place));
  }
  return { place, name, ...type };
}

/** TypeProto: of its kinds only tensors matter here. */
async function readType(reader: WireReader, place: Place): Promise<Pick<OnnxValue, 'dataType' | 'dims'>> {
  const tensor = (await reader.fields(place)).findLast(({ number }) => number === 1);
  if (!tensor) return {};
  const inside = reader.message(tensor, place);
  let type: Pick<OnnxValue, 'dataType' | 'dims'> = {};
  for (const field of await reader.fields(inside)) {
    if (field.number === 1) type = { ...type, dataType: reader.integer(field) };
    else if (field.number === 2)
      type = { ...type, dims: await readShape(reader, reader.message(field, inside)) };
  }
  return type;
}

async function readShape(reader: WireReader, place: Place): Promise<(number | string | null)[]> {
  const dims: (number | string | null)[] = [];
  for (const field of await reader.fields(place)) {
    if (field.number !== 1) continue;
    let length: number | string | null = null;
    for (const part of await reader.fields(reader.message(field, place))) {
      if (part.number === 1) length = reader.integer(part);
      else if (part.number === 2) length = (await reader.text(part)) || null;
    }
    dims.push(length);
  }
  return dims;
}
