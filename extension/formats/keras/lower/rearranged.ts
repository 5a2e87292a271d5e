import type { Builder, PlacedLayer } from './lowering.ts';
import type { Operand, OperationLowering } from './operations.ts';
import { setting } from './options.ts';
import { unsupported } from './refusals.ts';

/*
 * Operations of Keras 3 that move a tensor's axes, or reduce them. The batch stays first, and whole.
 */

/** `expand_dims` by one axis. */
export const expanded: OperationLowering = (layer, { name, shape }, builder) => {
  const [axis, ...more] = axesOf(layer, 'axis', shape.length + 1);
  if (more.length > 0) throw refused(layer, 'axis');
  return toShape(layer, name, [...shape.slice(1, axis), 1, ...shape.slice(axis)], 'axis', builder);
};

/** `squeeze` of one axis that is named. */
export const squeezed: OperationLowering = (layer, { name, shape }, builder) => {
  const [axis, ...more] = axesOf(layer, 'axis', shape.length);
  if (more.length > 0 || shape[axis] !== 1) throw refused(layer, 'axis');
  return builder.add({ ...builder.base(layer, name), op: 'Select', axis, index: 0 });
};

/** `reshape` to (-1, …), where what follows is as many values as a sample has. */
export const reshaped: OperationLowering = (layer, { name, shape }, builder) => {
  const { newshape: target } = layer.config;
  const isShape = Array.isArray(target) && target[0] === -1 && target.slice(1).every(isLength);
  const size = (lengths: readonly (number | null)[]) =>
    lengths.reduce<number>((n, one) => n * (one ?? Number.NaN), 1);
  if (!isShape || size(target.slice(1)) !== size(shape.slice(1))) throw refused(layer, 'newshape');
  return toShape(layer, name, target.slice(1), 'newshape', builder);
};

export const transposed: OperationLowering = (layer, { name, shape }, builder) => {
  const { axes } = layer.config;
  const [samples, ...others] = Array.isArray(axes) ? axes : [];
  if (samples !== 0 && samples !== -shape.length) throw refused(layer, 'axes');
  const permutation = [0, ...distinctAxes(layer, 'axes', others, shape.length)];
  if (permutation.length !== shape.length) throw refused(layer, 'axes');
  return builder.add({ ...builder.base(layer, name), op: 'Transpose', permutation });
};

export const swapped: OperationLowering = (layer, { name, shape }, builder) => {
  const [one, other] = [axesOf(layer, 'axis1', shape.length)[0], axesOf(layer, 'axis2', shape.length)[0]];
  const permutation = shape.map((_, axis) => (axis === one ? other : axis === other ? one : axis));
  return builder.add({ ...builder.base(layer, name), op: 'Transpose', permutation });
};

/** `flip` of the steps. */
export const flipped: OperationLowering = (layer, { name, shape }, builder) => {
  if (axesOf(layer, 'axis', shape.length).join() !== '1') throw refused(layer, 'axis');
  return builder.add({ ...builder.base(layer, name), op: 'Reverse' });
};

/** `mean`, `sum` and the like over axes that are named. Of a sequence's steps mean and maximum are what layers of Keras compute, too. */
export function reduced(by: 'Sum' | 'Mean' | 'Max' | 'Min'): OperationLowering {
  return (layer, { name, shape }, builder) => {
    const { initial = null, keepdims } = layer.config;
    if (initial !== null) throw refused(layer, 'initial');
    const axes = axesOf(layer, 'axis', shape.length);
    const base = builder.base(layer, name);
    const ofSteps = shape.length === 3 && axes.join() === '1';
    if (ofSteps && (by === 'Mean' || by === 'Max'))
      return builder.add({ ...base, op: `Reduce${by}`, ...(keepdims === true && { keepAxis: true }) });
    return builder.add({ ...base, op: 'Reduce', by, axes, ...(keepdims === true && { keepAxes: true }) });
  };
}

/** Axes behind the batch of a tensor with so many, which the configuration may count from the end. */
export function axesOf(layer: PlacedLayer, key: string, rank: number): number[] {
  return distinctAxes(layer, key, [layer.config[key]].flat(), rank);
}

function distinctAxes(layer: PlacedLayer, key: string, written: readonly unknown[], rank: number): number[] {
  const axes = written.map((axis) => (Number.isSafeInteger(axis) ? Number(axis) : Number.NaN));
  const counted = axes.map((axis) => (axis < 0 ? axis + rank : axis));
  const distinct = new Set(counted).size === counted.length;
  if (counted.length === 0 || !distinct || !counted.every((axis) => axis > 0 && axis < rank))
    throw refused(layer, key);
  return counted;
}

/** A sample's values in another shape, of which one length at most is free. */
function toShape(
  layer: PlacedLayer,
  from: Operand['name'],
  lengths: readonly (number | null)[],
  key: string,
  builder: Builder,
) {
  if (lengths.filter((length) => length === null).length > 1) throw refused(layer, key);
  return builder.add({
    ...builder.base(layer, from),
    op: 'Reshape',
    shape: lengths.map((length) => length ?? -1),
  });
}

function isLength(n: unknown): boolean {
  return Number.isSafeInteger(n) && Number(n) > 0;
}

function refused(layer: PlacedLayer, key: string) {
  return unsupported(layer, setting(key, layer.config[key]));
}
