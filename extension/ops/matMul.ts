import { type GateView, transposedView, wholeView } from '../model/gateView.ts';
import type { GraphNode } from '../model/graph.ts';
import { checkWeight, checkWidth, type ShapeRule } from './shape.ts';
import { met, onlyLast, shared, type UnitRule, unmoved } from './units.ts';

type MatMul = Extract<GraphNode, { op: 'MatMul' }>;

/** The matrix of a product: row = what is computed, column = what it is computed from. */
export function matrixOf({ weight, transposed }: Pick<MatMul, 'weight' | 'transposed'>): GateView {
  return transposed ? transposedView(weight) : wholeView(weight);
}

/** x [B,…,in] times W [in,out] to [B,…,out]. */
export const matMulShape: ShapeRule<MatMul> = (node, [x]) => {
  checkWeight(node, node.weight, [null, null]);
  const { rows: outputs, columns: inputs } = matrixOf(node);
  if (node.bias) checkWeight(node, node.bias, [outputs]);
  checkWidth(node, x, inputs);
  return [[...x.slice(0, -1), outputs]];
};

/** Reads the units along the last axis; its outputs are units of its own, that go where they are tied to hidden ones. */
export const matMulUnits: UnitRule<MatMul> = (node, [x], trace) => {
  const { weight, bias, transposed } = node;
  const view = matrixOf(node);
  const slots = trace.slotsOf(weight, view.rows, transposed ? 'transposed weight' : 'weight', shared(node));
  const columns = onlyLast(node, x.axes, trace);
  trace.read(weight, { views: [view], makers: [view], rows: slots, columns, recurrent: false }, met(node));
  if (bias) trace.own(bias, [{ view: wholeView(bias), slots, added: true }], shared(node));
  return [[...x.shape.slice(0, -1).map(() => undefined), unmoved(slots)]];
};
