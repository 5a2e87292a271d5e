import type { GraphNode } from '../model/graph.ts';
import { checkInputs, misfit, type ShapeRule } from './shape.ts';
import type { UnitRule } from './units.ts';

type ExpandNode = Extract<GraphNode, { op: 'Expand' }>;

/** The axis takes the length that is asked for. */
export const expandShape: ShapeRule<ExpandNode> = (node, inputs) => {
  const { axis, count, likeAxis } = node;
  checkInputs(node, inputs, likeAxis === undefined ? 1 : 2, likeAxis === undefined ? 1 : 2);
  const [x, like] = inputs;
  if (!(axis >= 0 && axis < x.length) || (x[axis] !== 1 && x[axis] !== null))
    throw misfit(node, x, { code: 'expectedAxis', args: { axis } });
  if (likeAxis !== undefined && !(likeAxis >= 0 && likeAxis < like.length))
    throw misfit(node, like, { code: 'expectedAxis', args: { axis: likeAxis } });
  const length = likeAxis === undefined ? (count ?? 1) : like[likeAxis];
  return [x.map((n, i) => (i === axis ? length : n))];
};

/** Along the axis everything is the same, so nothing there is a unit; of the second input only a length is read. */
export const expandUnits: UnitRule<ExpandNode> = (node, [x]) => [
  x.axes.map((units, axis) => (axis === node.axis ? undefined : units)),
];
