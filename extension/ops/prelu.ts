import { type GateView, wholeView } from '../model/gateView.ts';
import type { GraphNode } from '../model/graph.ts';
import { checkWeight, misfit, type ShapeRule } from './shape.ts';
import { met, needed, type UnitRule } from './units.ts';

type PRelu = Extract<GraphNode, { op: 'PRelu' }>;

/** Keeps the shape; the slope has all axes but the batch, each as long as that of x or 1. */
export const preluShape: ShapeRule<PRelu> = (node, [x]) => {
  const { shape } = node.slope;
  if (shape.length !== x.length - 1)
    throw misfit(node, x, { code: 'expectedAxes', args: { ranks: String(shape.length + 1) } });
  checkWeight(
    node,
    node.slope,
    x.slice(1).map((n, i) => (shape[i] === 1 ? 1 : n)),
  );
  return [x];
};

/** Every unit has slopes of its own, at one step or at all; 0 stays 0. */
export const preluUnits: UnitRule<PRelu> = (node, [{ axes }], trace) => {
  const { slope } = node;
  const last = axes.at(-1);
  for (const units of axes.slice(1, -1)) if (units) trace.freeze(units.slots, needed(node));
  const shared = slope.shape.at(-1) === 1;
  const view: GateView = wholeView(slope);
  trace.own(slope, [{ view, slots: shared ? undefined : last?.slots, added: false }], met(node));
  return [axes];
};
