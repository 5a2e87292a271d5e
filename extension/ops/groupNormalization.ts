import { wholeView } from '../model/gateView.ts';
import type { GraphNode } from '../model/graph.ts';
import { checkAlong, frontAxis, misfit, type ShapeRule } from './shape.ts';
import { freezeAxes, met, moved, needed, type UnitRule } from './units.ts';

type GroupNormalization = Extract<GraphNode, { op: 'GroupNormalization' }>;

/** Keeps the shape; the groups divide the axis, and gamma and beta have one value for each place along it. */
export const groupNormalizationShape: ShapeRule<GroupNormalization> = (node, [x]) => {
  checkAlong(node, x, node.axis, [node.gamma, node.beta]);
  const channels = x[frontAxis(node.axis, x.length)];
  if (channels === null || channels % node.groups !== 0)
    throw misfit(node, x, { code: 'expectedGroups', args: { count: node.groups } });
  return [x];
};

/** Every unit's value is by the mean and variance of its group, and a unit that is always 0 counts in both: none can go. */
export const groupNormalizationUnits: UnitRule<GroupNormalization> = (node, [{ shape, axes }], trace) => {
  const along = axes[frontAxis(node.axis, shape.length)];
  for (const vector of [node.gamma, node.beta]) {
    if (vector)
      trace.own(vector, [{ view: wholeView(vector), slots: along?.slots, added: false }], met(node));
  }
  freezeAxes(axes, needed(node), trace);
  return [axes.map((units) => units && moved(units))];
};
