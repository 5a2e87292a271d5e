import type { GraphNode } from '../model/graph.ts';
import { checkAlong, type ShapeRule } from './shape.ts';

/** Keeps the shape; every statistic has one value for each place along the axis. */
export const batchNormalizationShape: ShapeRule<Extract<GraphNode, { op: 'BatchNormalization' }>> = (
  node,
  [x],
) => {
  checkAlong(node, x, node.axis, [node.mean, node.variance, node.gamma, node.beta]);
  return [x];
};
