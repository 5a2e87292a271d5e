import type { GraphNode } from '../model/graph.ts';
import { checkWeight, frontAxis, misfit, type ShapeRule } from './shape.ts';

/** Keeps the shape; every statistic has one value for each place along the axis. */
export const batchNormalizationShape: ShapeRule<Extract<GraphNode, { op: 'BatchNormalization' }>> = (
  node,
  [x],
) => {
  const [width] = node.mean.shape;
  const along = x[frontAxis(node.axis, x.length)];
  if (along !== null && along !== width) {
    throw misfit(node, x, { code: 'expectedAlong', args: { count: width, axis: node.axis } });
  }
  for (const parameter of [node.mean, node.variance, node.gamma, node.beta]) {
    if (parameter) checkWeight(node, parameter, [width]);
  }
  return [x];
};
