import type { AttentionNode } from '../model/attentionNode.ts';
import { wholeView } from '../model/gateView.ts';
import { checkInputs, checkRank, checkShape, checkWeight, misfit, type ShapeRule } from './shape.ts';
import { met, needed, onlyLast, shared, type UnitRule } from './units.ts';
import type { Units, UnitTrace } from './unitTrace.ts';

/** Query [B,Q,D], value [B,T,V] and perhaps key [B,T,D] to [B,Q,V]. */
export const attentionShape: ShapeRule<AttentionNode> = (node, inputs) => {
  checkInputs(node, inputs, 2, 3);
  const [query, value, key = value] = inputs;
  for (const shape of [query, value]) checkRank(node, shape, [3]);
  const [batch, queries, width] = query;
  checkShape(node, key, [batch, value[1], width]);
  const { heads = 1 } = node;
  for (const features of [width, value[2]]) {
    if (features !== null && features % heads !== 0)
      throw misfit(node, [features], { code: 'expectedHeads', args: { count: heads } });
  }
  if (node.scale) checkWeight(node, node.scale, node.score === 'additive' ? [width] : []);
  if (node.weight) checkWeight(node, node.weight, []);
  return [[batch, queries, value[2]]];
};

/** The value's units pass on. Those of query and key are tied and summed over, so that one may go where it is 0. */
export const attentionUnits: UnitRule<AttentionNode> = (node, inputs, trace) => {
  const [query, value, key = value] = inputs.map(({ axes }) => onlyLast(node, axes, trace));
  // A head is a part of them all, cut by their number.
  for (const units of [query, value, key])
    if (units && (node.heads ?? 1) > 1) trace.freeze(units.slots, needed(node));
  compare(node, [query, key], trace);
  return [[undefined, undefined, value]];
};

function compare(node: AttentionNode, sides: readonly (Units | undefined)[], trace: UnitTrace): void {
  const { score, scale, weight } = node;
  const columns = trace.tied(sides, met(node));
  if (scale && score === 'additive') {
    const [length] = scale.shape;
    const view = { ...wholeView(scale), rows: 1, columns: length, rowStride: length, columnStride: 1 };
    trace.read(
      scale,
      { views: [view], makers: [], rows: undefined, columns, recurrent: false },
      shared(node),
    );
    return;
  }
  for (const one of [scale, weight])
    if (one) trace.own(one, [{ view: wholeView(one), slots: undefined, added: false }], shared(node));
  if (!columns) return;
  // A product is 0 where one of its factors is, a sum only where both are.
  const isZero = (i: number) =>
    score === 'dot' ? sides.some((side) => side?.keepsZero[i] === 1) : columns.keepsZero[i] === 1;
  const { slots } = columns;
  trace.freeze(
    slots.filter((_, i) => !isZero(i)),
    needed(node),
  );
  trace.contractions.push({ slots });
}
