import type { Place } from '../../protobuf/place.ts';
import { type Field, wires } from '../../protobuf/reader.ts';
import { type OnnxTensor, smallTensor, type TypedField, type TypedRun, type ValuesPlace } from '../proto.ts';
import { countOf } from '../values/count.ts';
import { numbersOf } from '../values/numbers.ts';
import { integersOf, textEntries } from './lists.ts';
import type { Source } from './source.ts';

/** TensorProto's fields of typed values, by their numbers. */
const typedFields = new Map<number, TypedField>([
  [4, 'float'],
  [5, 'int32'],
  [7, 'int64'],
  [10, 'double'],
  [11, 'uint64'],
]);
const external = 1;

/** A TensorProto: where its values lie, and the values where there are only a few. */
export async function readTensor(source: Source, place: Place): Promise<OnnxTensor> {
  const { reader } = source;
  const dims: number[] = [];
  const entries = new Map<string, string>();
  const runs = new Map<TypedField, TypedRun[]>();
  let [name, dataType, location] = ['', 0, 0];
  let raw: Field | undefined;
  for (const field of await reader.fields(place)) {
    const typed = typedFields.get(field.number);
    if (typed) {
      const packed = field.wire === wires.bytes;
      const start = packed ? field.start : field.field;
      const run = { field: field.field, start, end: field.end, packed };
      runs.set(typed, [...(runs.get(typed) ?? []), run]);
    } else if (field.number === 1) dims.push(...(await integersOf(reader, field)));
    else if (field.number === 2) dataType = reader.integer(field);
    else if (field.number === 8) name = await reader.text(field);
    else if (field.number === 9) raw = field;
    else if (field.number === 13) entries.set(...(await textEntries(reader, field, place)));
    else if (field.number === 14) location = reader.integer(field);
  }
  if (raw && raw.wire !== wires.bytes) throw reader.damaged();
  const values = location === external ? externalPlace(entries) : placeOf(raw, runs);
  if (!values || countOf(dims) === undefined) throw reader.damaged();
  const tensor = { place, name, dims, dataType, values };
  const small = (countOf(dims) ?? 0) <= smallTensor ? await numbersOf(source, tensor) : undefined;
  return { ...tensor, ...(small && { small }) };
}

function placeOf(raw: Field | undefined, runs: ReadonlyMap<TypedField, TypedRun[]>): ValuesPlace {
  if (raw) return { kind: 'raw', start: raw.start, end: raw.end };
  const [typed] = runs;
  return typed ? { kind: 'typed', field: typed[0], runs: typed[1] } : { kind: 'none' };
}

/** Undefined where the entries are no numbers; whether the place exists is seen when it is read. */
function externalPlace(entries: ReadonlyMap<string, string>): ValuesPlace | undefined {
  const number = (key: string) => {
    const text = entries.get(key);
    if (text === undefined) return undefined;
    return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  };
  const [offset = 0, length] = [number('offset'), number('length')];
  if (Number.isNaN(offset) || Number.isNaN(length)) return undefined;
  const location = entries.get('location') ?? '';
  return { kind: 'external', location, offset, ...(length !== undefined && { length }) };
}
