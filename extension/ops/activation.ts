import type { GraphNode } from '../model/graph.ts';
import { preservesZero } from '../model/zeroPreserving.ts';
import { moved, type UnitRule } from './units.ts';

/** Every unit by itself. */
export const activationUnits: UnitRule<Extract<GraphNode, { op: 'Activation' }>> = (node, [{ axes }]) => [
  preservesZero(node.activation) ? axes : axes.map((units) => units && moved(units)),
];
