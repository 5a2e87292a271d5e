import { type GateView, transposedView, wholeView } from '../model/gateView.ts';
import type { GraphNode } from '../model/graph.ts';
import { sizeOf } from '../model/parameter.ts';
import { checkWeight, checkWidth, type ShapeRule } from './shape.ts';
import { met, needed, onlyLast, shared, type UnitRule, unmoved } from './units.ts';

type MatMul = Extract<GraphNode, { op: 'MatMul' }>;

/** The matrix of a product: row = what is computed, column = what it is computed from. */
export function matrixOf({
  weight,
  transposed,
  inputAxes,
}: Pick<MatMul, 'weight' | 'transposed' | 'inputAxes'>): GateView {
  if (transposed) return transposedView(weight);
  if (inputAxes === undefined) return wholeView(weight);
  const rows = sizeOf(weight.shape.slice(inputAxes));
  const columns = sizeOf(weight.shape.slice(0, inputAxes));
  return { parameter: weight, rows, columns, offset: 0, rowStride: 1, columnStride: rows };
}

/** x [B,…,in] times W [in,out] to [B,…,out]. */
export const matMulShape: ShapeRule<MatMul> = (node, [x]) => {
  const { weight, bias, inputAxes } = node;
  if (inputAxes === undefined) checkWeight(node, weight, [null, null]);
  const { rows: outputs, columns: inputs } = matrixOf(node);
  if (bias) checkWeight(node, bias, inputAxes === undefined ? [outputs] : weight.shape.slice(inputAxes));
  checkWidth(node, x, inputs);
  return [[...x.slice(0, -1), outputs]];
};

/** Reads the units along the last axis; its outputs are units of its own, that go where they are tied to hidden ones. */
export const matMulUnits: UnitRule<MatMul> = (node, [x], trace) => {
  const { weight, bias, transposed, inputAxes = 1 } = node;
  const view = matrixOf(node);
  const slots = trace.slotsOf(weight, view.rows, transposed ? 'transposed weight' : 'weight', shared(node));
  const columns = onlyLast(node, x.axes, trace);
  trace.read(weight, { views: [view], makers: [view], rows: slots, columns, recurrent: false }, met(node));
  if (bias)
    trace.own(
      bias,
      [{ view: { ...wholeView(bias), rows: view.rows, columns: 1 }, slots, added: true }],
      shared(node),
    );
  // Parts of several axes can only go where all of their others do.
  if (inputAxes > 1 && columns) trace.freeze(columns.slots, needed(node));
  if (weight.shape.length - inputAxes > 1) trace.freeze(slots, needed(node));
  return [[...x.shape.slice(0, -1).map(() => undefined), unmoved(slots)]];
};
