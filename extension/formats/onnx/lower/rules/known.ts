import { intOf } from '../../attributes.ts';
import type { OnnxNode } from '../../proto.ts';
import { type Length, product } from '../lengths.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import { type Numbers, numbers, placesOf, rowMajor } from '../values.ts';
import { axesOf, frontAxis } from './layout.ts';

/*
 * What exporters compute of shapes and other numbers before a model runs.
 */

/** The numbers of an input that must be known. */
async function knownInput(lowering: Lowering, node: OnnxNode, input: number): Promise<Numbers> {
  const known = await lowering.numbers(node, input);
  if (!known) throw refused(node, { code: 'reasonInputMissing', args: { input } });
  return known;
}

/** ReduceProd, as of the lengths that a standard deviation is taken over. */
export const reduceProductRule: Rule = async (lowering, node) => {
  const data = await knownInput(lowering, node, 0);
  const rank = data.shape.length;
  const given = (await axesOf(lowering, node))?.map((axis) => frontAxis(node, axis, rank)) ?? [];
  const none = given.length === 0;
  if (none && intOf(node, 'noop_with_empty_axes', 0) === 1) {
    lowering.set(node.outputs[0], data);
    return;
  }
  const isGone = (axis: number) => none || given.includes(axis);
  const kept = data.shape.map((length, axis) => (isGone(axis) ? 1 : length));
  const strides = rowMajor(kept).map((stride, axis) => (isGone(axis) ? 0 : stride));
  const groups = Array.from({ length: kept.reduce((a, b) => a * b, 1) }, (): Length[] => []);
  for (const [at, place] of placesOf(data.shape, strides).entries()) groups[place].push(data.values[at]);
  const shape = intOf(node, 'keepdims', 1) === 1 ? kept : kept.filter((_, axis) => !isGone(axis));
  lowering.set(node.outputs[0], numbers(shape, groups.map(product), data.integer));
};

/** Trilu: what is above, or below, a diagonal, as a causal mask is made; the rest is 0. */
export const triluRule: Rule = async (lowering, node) => {
  const data = await knownInput(lowering, node, 0);
  const diagonal = lowering.has(node, 1) ? (await lowering.single(node, 1)).value : 0;
  const [rows, columns] = data.shape.slice(-2);
  if (columns === undefined) throw refused(node, { code: 'reasonMatrices', args: {} });
  const upper = intOf(node, 'upper', 1) === 1;
  const values = data.values.map((value, at) => {
    const beyond = (at % columns) - (Math.floor(at / columns) % rows) - diagonal;
    return (upper ? beyond >= 0 : beyond <= 0) ? value : 0;
  });
  lowering.set(node.outputs[0], numbers(data.shape, values, data.integer));
};
