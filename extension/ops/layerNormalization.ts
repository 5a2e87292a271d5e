import type { GraphNode } from '../model/graph.ts';
import { checkAlong, type ShapeRule } from './shape.ts';

/** Keeps the shape; gamma and beta have one value for each place along the axis. */
export const layerNormalizationShape: ShapeRule<Extract<GraphNode, { op: 'LayerNormalization' }>> = (
  node,
  [x],
) => {
  checkAlong(node, x, node.axis, [node.gamma, node.beta]);
  return [x];
};
