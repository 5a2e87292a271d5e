import type { GraphNode } from '../model/graph.ts';
import { checkRank, type ShapeRule } from './shape.ts';

/** x [B,T] or [B,T,I] to a mask [B,T]. */
export const notEqualMaskShape: ShapeRule<Extract<GraphNode, { op: 'NotEqualMask' }>> = (node, [x]) => {
  checkRank(node, x, [node.overFeatures ? 3 : 2]);
  return [x.slice(0, 2)];
};
