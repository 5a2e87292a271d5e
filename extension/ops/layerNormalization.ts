import { wholeView } from '../model/gateView.ts';
import type { GraphNode } from '../model/graph.ts';
import { checkAlong, frontAxis, type ShapeRule } from './shape.ts';
import { met, moved, needed, type UnitRule } from './units.ts';

/** Keeps the shape; gamma and beta have one value for each place along the axis. */
export const layerNormalizationShape: ShapeRule<Extract<GraphNode, { op: 'LayerNormalization' }>> = (
  node,
  [x],
) => {
  checkAlong(node, x, node.axis, [node.gamma, node.beta]);
  return [x];
};

/** Keeps the shape; the axis is one of x. */
export const lpNormalizationShape: ShapeRule<Extract<GraphNode, { op: 'LpNormalization' }>> = (node, [x]) => {
  checkAlong(node, x, node.axis, []);
  return [x];
};

/**
 * Every unit counts in the sum of squares, whether or not it is read, so that one may go only where it is 0. Along another axis they pass.
 */
export const lpNormalizationUnits: UnitRule<Extract<GraphNode, { op: 'LpNormalization' }>> = (
  node,
  [{ shape, axes }],
  trace,
) => {
  const along = axes[frontAxis(node.axis, shape.length)];
  if (along) {
    trace.freeze(
      along.slots.filter((_, i) => along.keepsZero[i] !== 1),
      needed(node),
    );
    trace.contractions.push({ slots: along.slots });
  }
  return [axes];
};

/**
 * Every unit's place in its row is by the mean and variance of all of them, and a unit that is always 0 counts in both: none can go.
 * Along another axis they pass.
 */
export const layerNormalizationUnits: UnitRule<Extract<GraphNode, { op: 'LayerNormalization' }>> = (
  node,
  [{ shape, axes }],
  trace,
) => {
  const along = axes[frontAxis(node.axis, shape.length)];
  for (const vector of [node.gamma, node.beta]) {
    if (vector)
      trace.own(vector, [{ view: wholeView(vector), slots: along?.slots, added: false }], met(node));
  }
  if (along) trace.freeze(along.slots, needed(node));
  return [axes.map((units) => units && moved(units))];
};
