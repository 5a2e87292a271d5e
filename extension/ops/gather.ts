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
  const [vocabulary, width] = table.shape;
  freezeAxes(ids.axes, needed(node), trace);
  const slots = trace.slotsOf(table, width, 'table', shared(node));
  const view = {
    parameter: table,
    rows: width,
    columns: vocabulary,
    offset: 0,
    rowStride: 1,
    columnStride: width,
  };
  trace.own(table, [{ view, slots, added: true }], shared(node));
  return [[...ids.shape.map(() => undefined), unmoved(slots)]];
};
