import type { Rule } from '../rule.ts';
import { merged } from './merge.ts';
import { applied } from './unary.ts';

/** PRelu: max(x, 0) + slope · min(x, 0), the slope as it meets x. */
export const preluRule: Rule = async (lowering, node) => {
  const x = lowering.flow(node, 0);
  const limits = [{ alpha: 0 }, { alpha: -Infinity, beta: 0 }];
  const [positive, negative] = limits.map((limit) =>
    applied(
      lowering,
      x,
      (input) => ({ op: 'Activation', activation: { op: 'Clip', ...limit }, inputs: [input] }),
      node,
    ),
  );
  const scaled = await merged(lowering, 'Mul', [negative, lowering.needed(node, 1)], node);
  lowering.set(node.outputs[0], await merged(lowering, 'Add', [positive, scaled], node));
};
