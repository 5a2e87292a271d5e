import type { GraphNode } from '../model/graph.ts';
import { sizeOf } from '../model/parameter.ts';
import { checkWeight, type ShapeRule } from './shape.ts';
import { shared, type UnitRule, unmoved } from './units.ts';

type WeightNode = Extract<GraphNode, { op: 'Weight' }>;

/** What it holds, the same for every sample. */
export const constantShape: ShapeRule<Extract<GraphNode, { op: 'Constant' }>> = ({ value }) => [value.shape];

/** The view's rows and columns stand along the axes that are longer than 1. */
export const weightShape: ShapeRule<WeightNode> = (node) => {
  const { view, shape } = node;
  if (sizeOf(shape) !== view.rows * view.columns) checkWeight(node, view.parameter, shape);
  return [shape];
};

/** Every place is a unit of its own, that goes where it meets hidden ones. Where a matrix has two axes of units, only its rows are. */
export const weightUnits: UnitRule<WeightNode> = (node, _, trace) => {
  const { view, shape } = node;
  const [along, last] = shape.flatMap((length, axis) => (length > 1 ? [axis] : []));
  if (along === undefined) {
    trace.own(view.parameter, [{ view, slots: undefined, added: true }], shared(node));
    return [[]];
  }
  // The features are the last axis; positions before it stay.
  const axis = last ?? along;
  const turned = shape[axis] === view.rows && last === undefined ? view : swapped(view);
  const slots = trace.slotsOf(view.parameter, shape[axis], 'values', shared(node));
  trace.own(view.parameter, [{ view: turned, slots, added: true }], shared(node));
  return [shape.map((_length, place) => (place === axis ? unmoved(slots) : undefined))];
};

function swapped({
  rows,
  columns,
  rowStride,
  columnStride,
  ...rest
}: WeightNode['view']): WeightNode['view'] {
  return { ...rest, rows: columns, columns: rows, rowStride: columnStride, columnStride: rowStride };
}
