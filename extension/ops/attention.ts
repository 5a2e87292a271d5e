import type { AttentionNode } from '../model/graph.ts';
import { checkInputs, checkRank, checkShape, checkWeight, type ShapeRule } from './shape.ts';

/** Query [B,Q,D], value [B,T,V] and perhaps key [B,T,D] to [B,Q,V]. */
export const attentionShape: ShapeRule<AttentionNode> = (node, inputs) => {
  checkInputs(node, inputs, 2, 3);
  const [query, value, key = value] = inputs;
  for (const shape of [query, value]) checkRank(node, shape, [3]);
  const [batch, queries, width] = query;
  checkShape(node, key, [batch, value[1], width]);
  if (node.scale) checkWeight(node, node.scale, node.score === 'additive' ? [width] : []);
  return [[batch, queries, value[2]]];
};
