import type { GraphNode } from '../model/graph.ts';
import { frontAxis } from './shape.ts';
import { moved, needed, type UnitRule } from './units.ts';

/** Along the units all of them take part in each one's share, so none can go; along another axis they pass. */
export const softmaxUnits: UnitRule<Extract<GraphNode, { op: 'Softmax' | 'LogSoftmax' }>> = (
  node,
  [{ shape, axes }],
  trace,
) => {
  const along = axes[frontAxis(node.axis, shape.length)];
  if (along) trace.freeze(along.slots, needed(node));
  return [axes.map((units) => units && moved(units))];
};
