import type { GraphNode } from '../model/graph.ts';
import { checkWeight, checkWidth, type ShapeRule } from './shape.ts';

/** x [B,…,in] times W [in,out] to [B,…,out]. */
export const matMulShape: ShapeRule<Extract<GraphNode, { op: 'MatMul' }>> = (node, [x]) => {
  checkWeight(node, node.weight, [null, null]);
  const [inputs, outputs] = node.weight.shape;
  if (node.bias) checkWeight(node, node.bias, [outputs]);
  checkWidth(node, x, inputs);
  return [[...x.slice(0, -1), outputs]];
};
