import type { OnnxNode } from '../../proto.ts';
import type { Lowering } from '../lowering.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';
import type { Value } from '../values.ts';
import { canFold, folded, foldedUnary } from './fold.ts';

/** Comparisons and the like, of known numbers only. */
export const foldRule: Rule = async (lowering, node) => {
  const operands = node.inputs.map((_, input) => lowering.needed(node, input));
  lowering.set(node.outputs[0], await foldedOf(lowering, node.opType, operands, node));
};

export async function foldedOf(
  lowering: Lowering,
  op: string,
  operands: readonly Value[],
  node: OnnxNode,
): Promise<Value> {
  const [first, ...others] = await Promise.all(operands.map((value) => lowering.known(value)));
  const outcome = others.reduce((a, b) => a && b && folded(op, a, b), first);
  if (!outcome || !canFold(op)) throw refused(node, { code: 'reasonInputComputed', args: { input: 0 } });
  return outcome;
}

/** Functions that our graph does not have, so of known numbers only. */
export const foldUnaryRule: Rule = async (lowering, node) => {
  const known = await lowering.known(lowering.needed(node, 0));
  const outcome = known && foldedUnary(node.opType, known);
  if (!outcome) throw refused(node, { code: 'reasonInputComputed', args: { input: 0 } });
  lowering.set(node.outputs[0], outcome);
};
