import { wholeView } from '../model/gateView.ts';
import type { GraphNode } from '../model/graph.ts';
import { checkWeight, type ShapeRule } from './shape.ts';
import { freezeAxes, needed, shared, type UnitRule, unmoved } from './units.ts';

/** Ids [B,…] to rows of the table [vocabulary, width]: [B,…,width]. */
export const gatherShape: ShapeRule<Extract<GraphNode, { op: 'Gather' }>> = (node, [ids]) => {
  checkWeight(node, node.table, [null, null]);
  return [[...ids, node.table.shape[1]]];
};

/** The columns of the table are units of its own, that go where they are tied to hidden ones. */
export const gatherUnits: UnitRule<Extract<GraphNode, { op: 'Gather' }>> = (node, [ids], trace) => {
  const { table } = node;
  freezeAxes(ids.axes, needed(node), trace);
  const slots = trace.slotsOf(table, table.shape[1], 'table', shared(node));
  trace.own(table, [{ view: wholeView(table), slots, added: true }], shared(node));
  return [[...ids.shape.map(() => undefined), unmoved(slots)]];
};
