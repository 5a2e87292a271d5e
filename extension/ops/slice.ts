import type { GraphNode } from '../model/graph.ts';
import { checkInputs, misfit, type Shape, type ShapeRule } from './shape.ts';
import { freezeAxes, needed, type UnitRule } from './units.ts';

type SliceNode = Extract<GraphNode, { op: 'Slice' }>;
type SelectNode = Extract<GraphNode, { op: 'Select' }>;

/** The places that a slice takes of an axis of this length, in order (ONNX Slice, steps above 0). */
export function slicedPlaces({ begin, end, step = 1 }: Omit<SliceNode, 'op' | 'axis'>, length: number) {
  const place = (at: number) => Math.min(Math.max(at < 0 ? at + length : at, 0), length);
  const first = place(begin);
  const count = Math.max(0, Math.ceil((place(end ?? length) - first) / step));
  return { first, count, step };
}

/** One axis behind the batch becomes shorter. */
export const sliceShape: ShapeRule<SliceNode> = (node, inputs) => {
  const [x] = inputs;
  checkBehindBatch(node, x);
  const length = x[node.axis];
  if (node.likeAxis !== undefined) {
    checkInputs(node, inputs, 2, 2);
    const asked = inputs[1][node.likeAxis];
    checkEnough(node, x, asked);
    return [x.map((n, axis) => (axis === node.axis ? asked : n))];
  }
  const taken = length === null ? null : slicedPlaces(node, length).count;
  return [x.map((n, axis) => (axis === node.axis ? taken : n))];
};

/** Where a slice takes as many places as something else has, there must be as many. */
export function checkEnough(node: SliceNode, x: Shape, asked: number | null): void {
  const length = x[node.axis];
  if (length !== null && asked !== null && asked > length)
    throw misfit(node, x, { code: 'expectedAlong', args: { count: asked, axis: node.axis } });
}

/** Which of its places a slice takes is written as numbers in the file: units along that axis stay. */
export const sliceUnits: UnitRule<SliceNode> = (node, [x], trace) => {
  freezeAxes([x.axes[node.axis]], needed(node), trace);
  return [x.axes.map((units, axis) => (axis === node.axis ? undefined : units))];
};

/** One axis behind the batch goes. */
export const selectShape: ShapeRule<SelectNode> = (node, [x]) => {
  checkBehindBatch(node, x);
  const length = x[node.axis];
  const { index } = node;
  if (length !== null && !(index < length && index >= -length))
    throw misfit(node, x, { code: 'expectedAxis', args: { axis: node.axis } });
  return [x.filter((_, axis) => axis !== node.axis)];
};

/** As of a slice. */
export const selectUnits: UnitRule<SelectNode> = (node, [x], trace) => {
  freezeAxes([x.axes[node.axis]], needed(node), trace);
  return [x.axes.filter((_, axis) => axis !== node.axis)];
};

function checkBehindBatch(node: SliceNode | SelectNode, x: Shape): void {
  if (!(node.axis > 0 && node.axis < x.length))
    throw misfit(node, x, { code: 'expectedAxis', args: { axis: node.axis } });
}
