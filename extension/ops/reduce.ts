import type { GraphNode } from '../model/graph.ts';
import { misfit, type ShapeRule } from './shape.ts';
import { freezeAxes, needed, type UnitRule } from './units.ts';

type ReduceNode = Extract<GraphNode, { op: 'Reduce' }>;

/** The axes go, or become 1. */
export const reduceAxesShape: ShapeRule<ReduceNode> = (node, [x]) => {
  const outside = node.axes.find((axis) => !(axis > 0 && axis < x.length));
  if (outside !== undefined) throw misfit(node, x, { code: 'expectedAxis', args: { axis: outside } });
  return [x.flatMap((n, axis) => (!node.axes.includes(axis) ? [n] : node.keepAxes ? [1] : []))];
};

/** Units along an axis that is reduced are all needed; along the others each is by itself, and 0 where it was. */
export const reduceAxesUnits: UnitRule<ReduceNode> = (node, [x], trace) => {
  const gone = (axis: number) => node.axes.includes(axis);
  freezeAxes(
    x.axes.filter((_, axis) => gone(axis)),
    needed(node),
    trace,
  );
  return [x.axes.flatMap((units, axis) => (!gone(axis) ? [units] : node.keepAxes ? [undefined] : []))];
};
