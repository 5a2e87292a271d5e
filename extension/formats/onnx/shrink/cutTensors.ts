import { byteSize, sizeOf } from '../../../model/parameter.ts';
import { type KeptIndices, keepOf, keptShape } from '../../../model/shrinking.ts';
import { bytesField, integerField } from '../../protobuf/fields.ts';
import type { OnnxParameter } from '../parameters.ts';
import type { OnnxTensor } from '../proto.ts';
import type { Source } from '../read/source.ts';
import { editedBytes, type FileEdit } from '../save/editedValues.ts';
import type { GraphEditor } from '../save/graphEditor.ts';
import { rawField } from '../save/rawField.ts';
import { stretchOf } from '../values/bytes.ts';

/** Fields of TensorProto: lengths, and everything that values can be kept in. */
const dims = 1;
const valueFields = [4, 5, 7, 9, 10, 11];
const externalData = 13;

/** A tensor of which only a part stays. */
export interface CutTensor {
  readonly tensor: OnnxTensor;
  readonly parameters: readonly OnnxParameter[];
  /** Of each parameter, axis by axis. */
  readonly kept: readonly KeptIndices[];
}

/** The lengths of what stays: of both directions' halves, behind the axis of the directions, those of one. */
export function cutShape({ tensor, parameters, kept: [first] }: CutTensor): number[] {
  return parameters.length === 1
    ? keptShape(tensor.dims, first)
    : [2, ...keptShape(tensor.dims.slice(1), first)];
}

/** What stays of a tensor's bytes, with the trained values and masks of its parameters. */
async function cutBytes(source: Source, { tensor, parameters, kept }: CutTensor): Promise<Uint8Array> {
  const bytes = await editedBytes(source, tensor, parameters);
  return Buffer.concat(
    parameters.map(({ first, shape, dtype }, i) => {
      const width = byteSize[dtype];
      return keepOf(bytes.subarray(first * width, (first + sizeOf(shape)) * width), shape, kept[i], width);
    }),
  );
}

/**
 * Writes the lengths and values of what stays. Values in another file stay there: what follows them moves up by as much as leaves it where
 * pages of memory begin, if it was there.
 * @returns the edits of other files
 */
export async function cutTensors(
  source: Source,
  cuts: readonly CutTensor[],
  all: readonly OnnxTensor[],
  editor: GraphEditor,
): Promise<FileEdit[]> {
  const outside: OutsideCut[] = [];
  for (const cut of cuts) {
    const { tensor, parameters } = cut;
    const shape = cutShape(cut);
    await editor.replaceFields(
      tensor.place,
      [dims],
      Buffer.concat(shape.map((length) => integerField(dims, length))),
    );
    const length = sizeOf(shape) * byteSize[parameters[0].dtype];
    const stretch = await stretchOf(source, tensor);
    if (stretch?.location !== undefined) {
      outside.push({
        cut,
        length,
        location: stretch.location,
        at: stretch.at,
        end: stretch.at + stretch.length,
      });
      continue;
    }
    const raw = rawField(length);
    const bytes = async () => raw.of(await cutBytes(source, cut));
    await editor.replaceFields(tensor.place, valueFields, { length: raw.length, bytes });
  }
  return cutOutside(source, outside, all, editor);
}

interface OutsideCut {
  readonly cut: CutTensor;
  /** Bytes of what stays. */
  readonly length: number;
  readonly location: string;
  readonly at: number;
  readonly end: number;
}

/** Tensors that may be mapped into memory begin at pages: of so many bytes at most on systems in use. */
const largestPage = 64 * 1024;

async function cutOutside(
  source: Source,
  cuts: readonly OutsideCut[],
  all: readonly OnnxTensor[],
  editor: GraphEditor,
): Promise<FileEdit[]> {
  const edits: FileEdit[] = [];
  const places = new Map<OnnxTensor, { location: string; at: number; length: number }>();
  for (const tensor of all) {
    if (tensor.values.kind !== 'external' || cuts.length === 0) continue;
    const { location, at, length } = (await stretchOf(source, tensor)) ?? {};
    if (location !== undefined && at !== undefined && length !== undefined)
      places.set(tensor, { location, at, length });
  }
  for (const location of new Set(cuts.map((one) => one.location))) {
    const own = [...places].filter(([, place]) => place.location === location);
    const step = own.reduce((page, [, { at }]) => commonPage(page, at), largestPage);
    let gone = 0;
    const shifts: { from: number; by: number }[] = [];
    for (const one of cuts.filter((cut) => cut.location === location).sort((a, b) => a.at - b.at)) {
      const shorter = Math.floor((one.end - one.at - one.length) / step) * step;
      const length = one.end - one.at - shorter;
      const bytes = async () => padded(await cutBytes(source, one.cut), length);
      edits.push({ location, replacement: { start: one.at, end: one.end, length, bytes } });
      gone += shorter;
      shifts.push({ from: one.end, by: gone });
    }
    for (const [tensor, { at, length }] of own) {
      const by = shifts.findLast(({ from }) => from <= at)?.by ?? 0;
      const cut = cuts.find((one) => one.location === location && one.at === at);
      if (by > 0 || cut) await setPlace(source, editor, tensor, at - by, cut?.length ?? length);
    }
  }
  return edits;
}

/** The largest power of two that divides both. */
function commonPage(page: number, at: number): number {
  let common = page;
  while (at % common !== 0) common /= 2;
  return common;
}

function padded(bytes: Uint8Array, length: number): Uint8Array {
  return Buffer.concat([bytes, new Uint8Array(length - bytes.length)]);
}

/** Offset and length anew; a checksum would be one of what was there before. */
async function setPlace(
  { reader }: Source,
  editor: GraphEditor,
  { place }: OnnxTensor,
  offset: number,
  length: number,
): Promise<void> {
  const entry = (key: string, value: string) =>
    bytesField(
      externalData,
      Buffer.concat([bytesField(1, Buffer.from(key)), bytesField(2, Buffer.from(value))]),
    );
  const written = Buffer.concat([entry('offset', String(offset)), entry('length', String(length))]);
  await editor.replaceFields(place, [externalData], written, async (field) => {
    const [key] = await reader.fields(reader.message(field, place));
    return key?.number === 1 && ['offset', 'length', 'checksum'].includes(await reader.text(key));
  });
}
