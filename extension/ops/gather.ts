import type { GraphNode } from '../model/graph.ts';
import { checkWeight, type ShapeRule } from './shape.ts';

/** Ids [B,…] to rows of the table [vocabulary, width]: [B,…,width]. */
export const gatherShape: ShapeRule<Extract<GraphNode, { op: 'Gather' }>> = (node, [ids]) => {
  checkWeight(node, node.table, [null, null]);
  return [[...ids, node.table.shape[1]]];
};
