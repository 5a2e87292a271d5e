import type { GraphNode } from '../model/graph.ts';
import { checkedAxis, frontAxis, type ShapeRule } from './shape.ts';
import { moved, needed, type UnitRule } from './units.ts';

type Softmax = Extract<GraphNode, { op: 'Softmax' | 'LogSoftmax' }>;

/** Keeps the shape; shares of several samples are none of one. */
export const softmaxShape: ShapeRule<Softmax> = (node, [x]) => {
  checkedAxis(node, x, node.axis);
  return [x];
};

/** Along the units all of them take part in each one's share, so none can go; along another axis they pass. */
export const softmaxUnits: UnitRule<Softmax> = (node, [{ shape, axes }], trace) => {
  const along = axes[frontAxis(node.axis, shape.length)];
  if (along) trace.freeze(along.slots, needed(node));
  return [axes.map((units) => units && moved(units))];
};
