import { wholeView } from '../model/gateView.ts';
import type { GraphNode } from '../model/graph.ts';
import { checkAlong, frontAxis, type ShapeRule } from './shape.ts';
import { met, moved, type UnitRule } from './units.ts';

/** Keeps the shape; every statistic has one value for each place along the axis. */
export const batchNormalizationShape: ShapeRule<Extract<GraphNode, { op: 'BatchNormalization' }>> = (
  node,
  [x],
) => {
  checkAlong(node, x, node.axis, [node.mean, node.variance, node.gamma, node.beta]);
  return [x];
};

/** Every unit has its own statistics; 0 is not kept, since the mean is taken off. */
export const batchNormalizationUnits: UnitRule<Extract<GraphNode, { op: 'BatchNormalization' }>> = (
  node,
  [x],
  trace,
) => {
  const axis = frontAxis(node.axis, x.shape.length);
  const slots = x.axes[axis]?.slots;
  const vectors = [node.mean, node.variance, node.gamma, node.beta].flatMap((vector) => vector ?? []);
  if (slots && vectors.some(({ inNoArray }) => inNoArray)) trace.freeze(slots, met(node));
  const entries = vectors.map((vector) => ({ view: wholeView(vector), slots, added: false }));
  trace.own(node.mean, entries, met(node));
  for (const vector of new Set(vectors.flatMap(({ madeOf = [] }) => madeOf)))
    trace.own(vector, [{ view: wholeView(vector), slots: undefined, added: false }], met(node));
  return [x.axes.map((units) => units && moved(units))];
};
