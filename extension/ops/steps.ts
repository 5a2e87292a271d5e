import type { GraphNode } from '../model/graph.ts';
import { checkRank, type ShapeRule } from './shape.ts';
import { freezeAxes, moved, needed, type UnitRule } from './units.ts';

/** x [B,T,I] to [B,I], or to [B,1,I]. */
export const reduceShape: ShapeRule<Extract<GraphNode, { op: 'ReduceMean' | 'ReduceMax' }>> = (node, [x]) => {
  checkRank(node, x, [3]);
  return [node.keepAxis ? [x[0], 1, x[2]] : [x[0], x[2]]];
};

/** x [B,I] to [B,count,I]. */
export const repeatVectorShape: ShapeRule<Extract<GraphNode, { op: 'RepeatVector' }>> = (node, [x]) => {
  checkRank(node, x, [2]);
  return [[x[0], node.count, x[1]]];
};

/** Every unit by itself, over the steps. Of a sample whose steps are all masked, 0 becomes something else. */
export const reduceUnits: UnitRule<Extract<GraphNode, { op: 'ReduceMean' | 'ReduceMax' }>> = (
  node,
  [{ axes }],
  trace,
) => {
  freezeAxes([axes[1]], needed(node), trace);
  const units = node.mask === undefined ? axes[2] : axes[2] && moved(axes[2]);
  return [node.keepAxis ? [undefined, undefined, units] : [undefined, units]];
};

/** Each step of x [B,T,I] several times. */
export const upsampleShape: ShapeRule<Extract<GraphNode, { op: 'Upsample' }>> = (node, [x]) => {
  checkRank(node, x, [3]);
  return [[x[0], x[1] === null ? null : x[1] * node.factor, x[2]]];
};

/** x [B,T,…] with other steps. */
export const padShape: ShapeRule<Extract<GraphNode, { op: 'Pad' }>> = (node, [x]) => {
  checkRank(node, x, [2, 3, 4]);
  const { before, after } = node;
  const added = Math.max(0, before) + Math.max(0, after);
  const steps = x[1] === null ? null : Math.max(0, x[1] + Math.min(0, before) + Math.min(0, after)) + added;
  return [[x[0], steps, ...x.slice(2)]];
};

/** Steps come and go, and each unit is by itself: 0 stays 0. */
export const stepUnits: UnitRule = (node, [{ axes }], trace) => {
  freezeAxes([axes[1]], needed(node), trace);
  return [[undefined, undefined, ...axes.slice(2)]];
};

export const repeatVectorUnits: UnitRule = (_node, [{ axes }]) => [[undefined, undefined, axes[1]]];
