import { intOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { countingOf } from '../counting.ts';
import { sameLength } from '../lengths.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { type Flow, lengthsOf, type SampleOrder, type Value } from '../values.ts';
import { frontAxis } from './layout.ts';

/*
 * pack_padded_sequence sorts the samples by their lengths, and pad_packed_sequence puts them back. Each sample is computed by itself, so that
 * here they stay where they are; but nothing may meet that stands in another order in the file.
 */

/** TopK: all lengths, the longest first, with the order that they stand in then; or the places of such an order, which lead back. */
export const topKRule: Rule = async (lowering, node) => {
  const value = lowering.needed(node, 0);
  const [count] = (await lowering.numbers(node, 1))?.values ?? [];
  const [length] = lengthsOf(value);
  const isWhole = lengthsOf(value).length === 1 && count !== undefined && sameLength(count, length);
  const ascends = intOf(node, 'largest', 1) === 0;
  const [values, places] = node.outputs;
  if (isWhole && value.kind === 'sampleOrder' && !value.back && ascends) {
    lowering.set(places, { ...value, back: true });
    return;
  }
  if (!isWhole || value.kind !== 'flow' || !isBatch(value, 0) || lowering.orders.has(node.inputs[0]))
    throw refused(node, { code: 'reasonMixesSamples', args: {} });
  lowering.set(values, value);
  lowering.set(places, { kind: 'sampleOrder', shape: [length], order: places, back: false });
  lowering.orders.set(values, places);
};

/** ScatterElements: 0, 1, 2, … at the places of an order, which lead back. */
export const scatterElementsRule: Rule = (lowering, node) => {
  const [order, numbers] = [lowering.needed(node, 1), countingOf(lowering.needed(node, 2))];
  if (order.kind !== 'sampleOrder' || order.back || numbers?.by !== 1 || numbers.shape.length !== 1)
    throw refused(node, { code: 'reasonInputComputed', args: { input: 1 } });
  lowering.set(node.outputs[0], { ...order, back: true });
};

/** A value whose samples a Gather puts in an order, or back. */
export function inOrder(lowering: Lowering, data: Flow, { order, back }: SampleOrder, node: OnnxNode): void {
  const axis = frontAxis(node, intOf(node, 'axis', 0), data.axes.length);
  const now = lowering.orders.get(node.inputs[0]);
  if (!isBatch(data, axis) || now !== (back ? order : undefined))
    throw refused(node, { code: 'reasonMixesSamples', args: {} });
  const [output] = node.outputs;
  lowering.set(output, data);
  if (!back) lowering.orders.set(output, order);
}

/** What a node makes of sorted samples is sorted, too. Throws where they meet others. */
export function keepOrder(lowering: Lowering, node: OnnxNode, read: readonly string[]): void {
  if (lowering.orders.size === 0) return;
  const given = read.map((name) => ({ name, value: lowering.find(name) }));
  if (given.some(({ value }) => value?.kind === 'sampleOrder')) return;
  const ofSamples = given.filter(({ value }) => value && hasSamples(lowering, value));
  const orders = new Set(ofSamples.map(({ name }) => lowering.orders.get(name)));
  if (orders.size > 1) throw refused(node, { code: 'reasonMixesSamples', args: {} });
  const [order] = orders;
  if (order === undefined) return;
  for (const name of node.outputs) lowering.orders.set(name, order);
}

function hasSamples({ emitter }: Lowering, value: Value): boolean {
  if (value.kind === 'samplePlaces') return true;
  return value.kind === 'flow' && value.values.some((name) => !emitter.shape(name)[0]?.everySample);
}

function isBatch({ axes }: Flow, axis: number): boolean {
  return axes[axis].parts.join() === '0';
}
