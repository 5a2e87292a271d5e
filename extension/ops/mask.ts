import type { GraphNode } from '../model/graph.ts';
import { checkInputs, checkRank, type ShapeRule } from './shape.ts';
import { freezeAxes, needed, type UnitRule } from './units.ts';

/** x [B,T], or [B,T,I] over its features, to a mask [B,T]; else value by value to truths as they are. */
export const notEqualMaskShape: ShapeRule<Extract<GraphNode, { op: 'NotEqualMask' }>> = (node, [x]) => {
  if (!node.overFeatures) return [x];
  checkRank(node, x, [3]);
  return [x.slice(0, 2)];
};

type LengthMaskNode = Extract<GraphNode, { op: 'LengthMask' }>;

/** Lengths [B] and x [B,T,…] to a mask [B,T]. */
export const lengthMaskShape: ShapeRule<LengthMaskNode> = (node, inputs) => {
  checkInputs(node, inputs, 2, 2);
  const [lengths, x] = inputs;
  checkRank(node, lengths, [1]);
  if (x.length < 2) checkRank(node, x, [2, 3]);
  return [x.slice(0, 2)];
};

/** Of x it takes the number of steps and nothing else. */
export const lengthMaskUnits: UnitRule<LengthMaskNode> = (node, [lengths, x], trace) => {
  freezeAxes([...lengths.axes, ...x.axes.slice(0, 2)], needed(node), trace);
  return [[]];
};
