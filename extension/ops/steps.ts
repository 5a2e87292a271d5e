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

export const repeatVectorUnits: UnitRule = (_node, [{ axes }]) => [[undefined, undefined, axes[1]]];
