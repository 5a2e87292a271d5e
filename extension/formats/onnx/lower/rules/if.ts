import { lowerBody } from '../body.ts';
import { refused } from '../refuse.ts';
import type { Rule } from '../rule.ts';

const sizeless: readonly string[] = ['Constant', 'Squeeze', 'Identity'];

/** If, by a condition that is known before the model runs, such as one of the rank of a value: the nodes of that branch. */
export const ifRule: Rule = async (lowering, node) => {
  const condition = await lowering.numbers(node, 0);
  const [value] = condition?.values ?? [];
  const branch = node.attributes.get(value === 0 ? 'else_branch' : 'then_branch')?.graph;
  if (typeof value !== 'number' || !branch)
    throw refused(node, { code: 'reasonInputComputed', args: { input: 0 } });
  const { inner, outputs } = await lowerBody(lowering, node, branch, false);
  // What only takes axes of length 1 away says no size.
  if (!branch.nodes.every(({ opType }) => sizeless.includes(opType))) lowering.bodies.push(node);
  lowering.lengths.push(...inner.lengths);
  lowering.zeroStates.push(...inner.zeroStates);
  for (const [i, output] of outputs.entries()) lowering.set(node.outputs[i], output);
};
