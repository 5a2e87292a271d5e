import type { Shrinking } from '../../../model/shrinking.ts';
import { integerField } from '../../protobuf/fields.ts';
import type { Place } from '../../protobuf/place.ts';
import type { Field } from '../../protobuf/reader.ts';
import type { Counterpart } from '../contents.ts';
import type { OnnxGraph, OnnxValue } from '../proto.ts';
import type { Source } from '../read/source.ts';
import type { GraphEditor } from '../save/graphEditor.ts';
import { type CutTensor, cutShape } from './cutTensors.ts';

/**
 * What the graph says of the shapes of its values: new lengths where they are known, and nothing of values between inputs and outputs
 * whose lengths may have changed unseen.
 */
export async function restateShapes(
  source: Source,
  graph: OnnxGraph,
  counterparts: ReadonlyMap<string, Counterpart>,
  shrinking: Shrinking,
  editor: GraphEditor,
): Promise<void> {
  for (const value of graph.valueInfo.values()) {
    const known = counterparts.get(value.name);
    if (known && isWholeKnown(value, known)) await restate(source, value, known, shrinking, editor);
    else editor.remove(value.place);
  }
  for (const value of [...graph.inputs, ...graph.outputs]) {
    const known = counterparts.get(value.name);
    if (known) await restate(source, value, known, shrinking, editor);
  }
}

function isWholeKnown({ dims }: OnnxValue, { axes }: Counterpart): boolean {
  return (
    dims?.length === axes.length &&
    dims.every((length, i) => typeof length !== 'number' || length === 1 || axes[i] !== null)
  );
}

async function restate(
  source: Source,
  { place, dims = [] }: OnnxValue,
  { value, axes }: Counterpart,
  { values }: Shrinking,
  editor: GraphEditor,
): Promise<void> {
  const change = values.get(value);
  if (!change) return;
  const lengths = dims.map((length, i) => {
    const axis = axes[i] ?? null;
    const [before, after] = axis === null ? [] : [change.before[axis], change.after[axis]];
    return before === length && typeof after === 'number' && after !== before ? after : undefined;
  });
  await writeLengths(source, place, lengths, editor);
}

/** Up to IR version 3 every initializer is an input, too, and says its shape there again. */
export async function restateInitializers(
  source: Source,
  { inputs }: OnnxGraph,
  cuts: readonly CutTensor[],
  editor: GraphEditor,
): Promise<void> {
  const shapes = new Map(cuts.map((cut) => [cut.tensor.name, cutShape(cut)]));
  for (const { name, place, dims = [] } of inputs) {
    const shape = shapes.get(name);
    const lengths = dims.map((length, i) => (shape && shape[i] !== length ? shape[i] : undefined));
    await writeLengths(source, place, lengths, editor);
  }
}

/** @param lengths undefined where one stays */
async function writeLengths(
  source: Source,
  place: Place,
  lengths: readonly (number | undefined)[],
  editor: GraphEditor,
): Promise<void> {
  if (lengths.every((length) => length === undefined)) return;
  const dimensions = await dimensionsOf(source, place);
  for (const [i, length] of lengths.entries())
    if (length !== undefined) await editor.replaceFields(dimensions[i], [1], integerField(1, length));
}

/** The Dimension messages inside a ValueInfoProto: type, tensor_type, shape, dim. */
async function dimensionsOf({ reader }: Source, place: Place): Promise<Place[]> {
  let inside = place;
  for (const number of [2, 1, 2]) {
    const field: Field | undefined = (await reader.fields(inside)).findLast((one) => one.number === number);
    if (!field) return [];
    inside = reader.message(field, inside);
  }
  const parent = inside;
  const fields = await reader.fields(parent);
  return fields.filter(({ number }) => number === 1).map((field) => reader.message(field, parent));
}
