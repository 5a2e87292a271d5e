import type { GraphNode } from '../model/graph.ts';
import { checkRank, type ShapeRule } from './shape.ts';

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
