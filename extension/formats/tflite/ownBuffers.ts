import { type FileHandle, open } from 'node:fs/promises';
import { UserError } from '../../protocol/userError.ts';
import type { FileBytes } from '../bytes/fileBytes.ts';
import { PagedBytes } from '../bytes/pagedBytes.ts';
import { bytesOf } from '../bytes/rawParameter.ts';
import { writeWhole } from '../bytes/wholeCalls.ts';
import { copyPlain } from '../copyPlain.ts';
import { FlatTable } from './flatTable.ts';
import type { TfliteParameter } from './parameters.ts';

/** Fields of the root, Model, in schema.fbs of TensorFlow 2.21: a number, then offsets. */
const rootFields = 10;
const [subgraphs, buffers] = [2, 4];
/** TensorFlow Lite asks for values at multiples of 16; those that lie behind the tables may be at larger ones. */
const [valueAlignment, fileAlignment] = [16, 64];

/**
 * Copies a file to a path that must not exist, with a buffer of their own for some of its weights, with the bytes that they had.
 *
 * Offsets of a FlatBuffer only lead onwards, so what leads to the old tables must lie before them: new are a root, the vector of buffers
 * and the buffers themselves. The old file follows as it was, but that some tensors read another buffer. Without such weights the copy is
 * the file. Throws tfliteNewer.
 *
 * @returns where each parameter's values lie in the copy
 */
export async function copyApart(
  file: FileBytes,
  target: string,
  apart: readonly TfliteParameter[],
  step?: () => Promise<void>,
): Promise<(parameter: TfliteParameter) => number> {
  if (apart.length === 0) {
    await copyPlain(file.path, target);
    return ({ at }) => at;
  }
  const root = FlatTable.root(new PagedBytes(file), file.path);
  if (root.fields > rootFields) throw new UserError('tfliteNewer', { file: file.path });
  const { tables, places, shift, known } = layOut(root, apart);
  const output = await open(target, 'wx', 0o644);
  try {
    await writeWhole(output, tables, 0);
    for (const [parameter, place] of places) {
      const values = await file.read(parameter.at, bytesOf(parameter));
      await writeWhole(output, uint32(values.length), place - 4);
      await writeWhole(output, values, place);
      await step?.();
    }
    let end = shift;
    for await (const chunk of file.chunks(0, file.size)) {
      await writeWhole(output, chunk, end);
      end += chunk.length;
      await step?.();
    }
    for (const [i, { bufferPlaces }] of apart.entries())
      for (const at of bufferPlaces) await writeWhole(output, uint32(known + i), at + shift);
    await moveFileOffsets(output, root, file.size, shift);
  } finally {
    await output.close();
  }
  return (parameter) => places.get(parameter) ?? parameter.at + shift;
}

interface Layout {
  /** What the copy begins with. */
  readonly tables: Buffer;
  /** Of the values of the new buffers, each behind its length. */
  readonly places: ReadonlyMap<TfliteParameter, number>;
  /** How far the old file moves. */
  readonly shift: number;
  /** How many buffers there were. */
  readonly known: number;
}

/** The identifier, the root behind its vtable, the vector of all buffers, the vtable of the new ones, these, and their values. */
function layOut(root: FlatTable, apart: readonly TfliteParameter[]): Layout {
  const old = root.tables(buffers);
  const rootVtable = 8;
  const rootAt = rootVtable + 4 + 2 * rootFields;
  const vector = rootAt + 4 + 4 * rootFields;
  const vtable = vector + 4 + 4 * (old.length + apart.length);
  const first = vtable + 8;
  const tables = Buffer.alloc(first + 8 * apart.length);
  let end = tables.length;
  const places = new Map<TfliteParameter, number>();
  for (const parameter of apart) {
    const at = roundUp(end + 4, valueAlignment);
    places.set(parameter, at);
    end = at + bytesOf(parameter);
  }
  const shift = roundUp(end, fileAlignment);
  const lead = (at: number, to: number) => tables.writeUInt32LE(to - at, at);

  lead(0, rootAt);
  tables.write('TFL3', 4);
  tables.writeUInt16LE(rootAt - rootVtable, rootVtable);
  tables.writeUInt16LE(vector - rootAt, rootVtable + 2);
  tables.writeInt32LE(rootAt - rootVtable, rootAt);
  for (let field = 0; field < rootFields; field++) {
    const to = root.target(field);
    if (to === undefined) continue;
    const place = 4 + 4 * field;
    tables.writeUInt16LE(place, rootVtable + 4 + 2 * field);
    if (field === 0) tables.writeUInt32LE(root.uint32(field), rootAt + place);
    else lead(rootAt + place, field === buffers ? vector : to + shift);
  }
  const all = [...old.map(({ at }) => at + shift), ...apart.map((_, i) => first + 8 * i)];
  tables.writeUInt32LE(all.length, vector);
  for (const [i, at] of all.entries()) lead(vector + 4 + 4 * i, at);
  for (const [i, size] of [6, 8, 4].entries()) tables.writeUInt16LE(size, vtable + 2 * i);
  for (const [i, at] of [...places.values()].entries()) {
    const table = first + 8 * i;
    tables.writeInt32LE(table - vtable, table);
    lead(table + 4, at - 4);
  }
  return { tables, places, shift, known: old.length };
}

/** Of what lies behind the tables the file says where it lies in it: values, and what custom operators are told. */
async function moveFileOffsets(
  output: FileHandle,
  root: FlatTable,
  size: number,
  shift: number,
): Promise<void> {
  const operators = root.tables(subgraphs).flatMap((graph) => graph.tables(3));
  const places = [
    ...root.tables(buffers).map((table) => [table, 1] as const),
    ...operators.map((table) => [table, 9] as const),
  ];
  for (const [table, field] of places) {
    const [place, offset] = [table.place(field), table.uint64(field)];
    if (place === undefined || offset <= 1 || offset > size) continue;
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(offset + shift));
    await writeWhole(output, bytes, place + shift);
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
