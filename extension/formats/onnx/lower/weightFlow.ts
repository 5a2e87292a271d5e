import type { ValueName } from '../../../model/graph.ts';
import type { OnnxNode } from '../proto.ts';
import { nameOf } from '../recurrent/found.ts';
import type { Lowering } from './lowering.ts';
import { refused } from './refuse.ts';
import { everySample, type Flow, type FlowAxis, flowOf, placesOf, type WeightValue } from './values.ts';

/** Learned values as a flow that is the same for every sample. */
export async function weightFlow(lowering: Lowering, value: WeightValue, node: OnnxNode): Promise<Flow> {
  const name = await weightNode(lowering, value, value.shape, value.strides, node);
  return flowOf(
    [name],
    value.shape.map((length, axis): FlowAxis => ({ parts: [axis + 1], length })),
  );
}

/** Learned values that stand alone: where their strides are those of a matrix at most, as our graph says it. */
export async function weightNode(
  lowering: Lowering,
  value: WeightValue,
  lengths: readonly number[],
  strides: readonly number[],
  node: OnnxNode,
): Promise<ValueName> {
  const { emitter } = lowering;
  const { parameter, offset } = value;
  const axes = lengths.flatMap((length, axis) => (length > 1 ? [{ length, stride: strides[axis] }] : []));
  const shape = [1, ...lengths];
  const places = [everySample, ...lengths.map((length) => ({ length }))];
  const origin = nameOf(node);
  const hint = parameter.name;
  const numbers = await nonFinite(lowering, value, lengths, strides);
  if (numbers || axes.length > 2 || axes.some(({ stride }) => stride === 0)) {
    if (!numbers) throw refused(node, { code: 'reasonInputConstant', args: { input: 1 } });
    return emitter.add({ op: 'Constant', value: { shape, data: numbers }, inputs: [] }, places, origin, hint);
  }
  const [rows, columns] = axes.length === 2 ? axes : [undefined, axes[0]];
  const view = {
    parameter,
    rows: rows?.length ?? 1,
    columns: columns?.length ?? 1,
    offset,
    rowStride: rows?.stride ?? columns?.length ?? 1,
    columnStride: columns?.stride ?? 1,
  };
  return emitter.add({ op: 'Weight', view, shape, inputs: [] }, places, origin, hint);
}

/** The numbers of a mask that is kept like weights: it has values that are not finite, and nothing of it is learned. */
async function nonFinite(
  lowering: Lowering,
  value: WeightValue,
  lengths: readonly number[],
  strides: readonly number[],
): Promise<Float32Array | undefined> {
  const all = await value.parameter.read();
  if (all.every((one) => Number.isFinite(one))) return undefined;
  lowering.constants.add(value.parameter);
  return Float32Array.from(placesOf(lengths, strides, value.offset), (place) => all[place]);
}
