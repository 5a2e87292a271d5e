import type { GraphNode } from '../model/graph.ts';
import type { ShapeRule } from './shape.ts';

/** Ids [B,…] to rows of the table [vocabulary, width]: [B,…,width]. */
export const gatherShape: ShapeRule<Extract<GraphNode, { op: 'Gather' }>> = ({ table }, [ids]) => [
  [...ids, table.shape[1]],
];
