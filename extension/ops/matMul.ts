import type { GraphNode } from '../model/graph.ts';
import { checkWidth, type ShapeRule } from './shape.ts';

/** x [B,…,in] times W [in,out] to [B,…,out]. */
export const matMulShape: ShapeRule<Extract<GraphNode, { op: 'MatMul' }>> = (node, [x]) => {
  const [inputs, outputs] = node.weight.shape;
  checkWidth(node, x, inputs);
  return [[...x.slice(0, -1), outputs]];
};
