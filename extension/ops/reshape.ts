import type { GraphNode } from '../model/graph.ts';
import { checkRank, misfit, type Shape, type ShapeRule } from './shape.ts';
import { type Axes, freezeAxes, needed, type TracedValue, type UnitRule } from './units.ts';
import type { Units, UnitTrace } from './unitTrace.ts';

/** The features of one sample; null where an axis is free. */
function perSample(shape: Shape): number | null {
  return shape
    .slice(1)
    .reduce<number | null>((product, n) => (product === null || n === null ? null : product * n), 1);
}

/** All axes from one on become one. */
export const flattenShape: ShapeRule<Extract<GraphNode, { op: 'Flatten' }>> = ({ axis = 1 }, [x]) => [
  [...x.slice(0, axis), perSample([null, ...x.slice(axis)])],
];

/** A new shape behind the batch axis; −1 takes what is left. */
export const reshapeShape: ShapeRule<Extract<GraphNode, { op: 'Reshape' }>> = (node, [x]) => {
  const size = perSample(x);
  const known = node.shape.reduce((product, n) => (n === -1 ? product : product * n), 1);
  const open = node.shape.includes(-1);
  if (size !== null && (open ? size % known !== 0 : size !== known)) {
    throw misfit(node, x, { code: 'expectedMultiple', args: { count: known } });
  }
  const left = size === null ? null : size / known;
  return [[x[0], ...node.shape.map((n) => (n === -1 ? left : n))]];
};

/** The axes in another order. */
export const transposeShape: ShapeRule<Extract<GraphNode, { op: 'Transpose' }>> = (node, [x]) => {
  checkRank(node, x, [node.permutation.length]);
  return [node.permutation.map((axis) => x[axis])];
};

/** Units go with their axis. */
export const transposeUnits: UnitRule<Extract<GraphNode, { op: 'Transpose' }>> = (node, [x]) => [
  node.permutation.map((axis) => x.axes[axis]),
];

/** Units along the steps' axis come in the reverse order; those along the others stay. */
export const reverseUnits: UnitRule<Extract<GraphNode, { op: 'Reverse' }>> = (_node, [{ axes }]) => [
  axes.map((units, axis) => (axis === 1 ? units && reversed(units) : units)),
];

function reversed({ slots, keepsZero }: Units): Units {
  return { slots: slots.toReversed(), keepsZero: keepsZero.toReversed() };
}

/** The steps' units follow each other; those along the axes before stay. */
export const flattenUnits: UnitRule<Extract<GraphNode, { op: 'Flatten' }>> = (
  node,
  [{ shape, axes }],
  trace,
) => {
  const { axis = 1 } = node;
  const row = { shape: [null, ...shape.slice(axis)], axes: [undefined, ...axes.slice(axis)] };
  const [, units] = reshapedUnits(node, row, [null, perSample(row.shape)], trace);
  return [[...axes.slice(0, axis), units]];
};

/** Units stay where one axis of the new shape tells them apart as one of the old did. */
export const reshapeUnits: UnitRule<Extract<GraphNode, { op: 'Reshape' }>> = (node, [x], trace) => {
  const [shape] = reshapeShape(node, [x.shape]);
  return [reshapedUnits(node, x, shape, trace)];
};

function reshapedUnits(node: GraphNode, x: TracedValue, shape: Shape, trace: UnitTrace): Axes {
  const none = shape.map(() => undefined);
  const moving = besideSingle(node, x, trace);
  if (moving.axes.every((units) => !units)) return none;
  const spread = spreadUnits(moving);
  const axes = spread && none.map((_, axis) => gatheredUnits(spread, shape, axis));
  const found = axes?.find((units) => units);
  if (!axes || !found) {
    freezeAxes(x.axes, needed(node), trace);
    return none;
  }
  // An axis of length 1 beside it tells nothing apart.
  return axes.map((units) => (units === found ? units : undefined));
}

/** Of several axes with units those with one alone keep it, as scores of attention do: the others are still told apart. */
function besideSingle(node: GraphNode, x: TracedValue, trace: UnitTrace): TracedValue {
  if (x.axes.filter((units) => units).length < 2) return x;
  const isSingle = (units: Units | undefined) => units?.slots.length === 1;
  freezeAxes(x.axes.filter(isSingle), needed(node), trace);
  return { ...x, axes: x.axes.map((units) => (isSingle(units) ? undefined : units)) };
}

/** The unit of each value of a sample; undefined where more than one axis has units, or the steps are not fixed. */
function spreadUnits({ shape, axes }: TracedValue): Units | undefined {
  const size = perSample(shape);
  const axis = axes.findIndex((units) => units);
  const units = axes[axis];
  if (size === null || !units || axes.some((other, i) => other && i !== axis)) return undefined;
  const inner = perSample([null, ...shape.slice(axis + 1)]) as number;
  const along = (i: number) => Math.floor(i / inner) % units.slots.length;
  return {
    slots: Int32Array.from({ length: size }, (_, i) => units.slots[along(i)]),
    keepsZero: Uint8Array.from({ length: size }, (_, i) => units.keepsZero[along(i)]),
  };
}

/** The units along an axis, if the place along it alone says which unit it is. */
function gatheredUnits({ slots, keepsZero }: Units, shape: Shape, axis: number): Units | undefined {
  const length = shape[axis];
  const inner = perSample([null, ...shape.slice(axis + 1)]);
  if (axis === 0 || length === null || inner === null) return undefined;
  const first = (place: number) => place * inner;
  const fits = slots.every((slot, i) => slot === slots[first(Math.floor(i / inner) % length)]);
  if (!fits) return undefined;
  const places = Array.from({ length }, (_, place) => first(place));
  return {
    slots: Int32Array.from(places, (i) => slots[i]),
    keepsZero: Uint8Array.from(places, (i) => keepsZero[i]),
  };
}
