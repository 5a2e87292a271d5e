import { sizeOf } from '../../../model/parameter.ts';
import type { OnnxTensor } from '../proto.ts';
import { reshapedStrides, rowMajorStrides } from './strides.ts';

/** A constant as an index map over tensors of the file: no value is computed, only moved. */
export type Folded = TensorView | Joined;

/** Value (i, j, …) is the tensor's value at `offset + i · strides[0] + j · strides[1] + …`. */
export interface TensorView {
  readonly tensor: OnnxTensor;
  readonly shape: readonly number[];
  readonly offset: number;
  readonly strides: readonly number[];
  /** What integers stand for, where a DequantizeLinear stands behind the tensor. */
  readonly dequantizedBy?: DequantizeInputs;
  readonly leaves: 1;
}

export interface DequantizeInputs {
  /** One for each index along the axes, row-major. */
  readonly scale: readonly number[];
  readonly zeroPoint: readonly number[];
  /** Of the tensor, ascending; none where one scale is for all. */
  readonly axes: readonly number[];
}

/**
 * Integers as what they stand for. Undefined where the scales are none of theirs, which are those of the tensor as it is stored, so that
 * nothing may have been moved before.
 */
export function dequantized(folded: Folded, by: DequantizeInputs): TensorView | undefined {
  if (isJoined(folded) || folded.shape !== folded.tensor.dims || folded.dequantizedBy) return undefined;
  const count = sizeOf(by.axes.map((axis) => folded.shape[axis]));
  return by.scale.length === count && by.zeroPoint.length === count
    ? { ...folded, dequantizedBy: by }
    : undefined;
}

/** Several constants one after another along an axis. */
export interface Joined {
  readonly shape: readonly number[];
  readonly axis: number;
  readonly parts: readonly Folded[];
  /** Views in it; a Concat of a Concat with itself, and so on, would have any number. */
  readonly leaves: number;
}

const mostLeaves = 4096;

export function wholeTensor(tensor: OnnxTensor): TensorView {
  const { dims } = tensor;
  return { tensor, shape: dims, offset: 0, strides: rowMajorStrides(dims), leaves: 1 };
}

export function isJoined(folded: Folded): folded is Joined {
  return 'parts' in folded;
}

/** Undefined where the parts do not fit together. */
export function joined(parts: readonly Folded[], along: number): Folded | undefined {
  const [first] = parts;
  if (!first) return undefined;
  if (parts.length === 1) return first;
  const axis = along < 0 ? along + first.shape.length : along;
  const fits = ({ shape }: Folded) =>
    shape.length === first.shape.length && shape.every((n, k) => k === axis || n === first.shape[k]);
  const leaves = parts.reduce((sum, part) => sum + part.leaves, 0);
  if (axis < 0 || axis >= first.shape.length || !parts.every(fits) || leaves > mostLeaves) return undefined;
  const length = parts.reduce((sum, { shape }) => sum + shape[axis], 0);
  return { shape: first.shape.with(axis, length), axis, parts, leaves };
}

/** The indices `start`, `start + step`, … along an axis, `length` of them, which are all there. */
export function sliced(
  folded: Folded,
  axis: number,
  start: number,
  length: number,
  step = 1,
): Folded | undefined {
  const shape = folded.shape.with(axis, length);
  if (!isJoined(folded)) {
    const strides = folded.strides.with(axis, folded.strides[axis] * step);
    return { ...folded, shape, strides, offset: folded.offset + start * folded.strides[axis] };
  }
  if (axis !== folded.axis) {
    const parts = folded.parts.map((part) => sliced(part, axis, start, length, step));
    return allThere(parts) ? { ...folded, shape, parts } : undefined;
  }
  if (step !== 1) return undefined;
  const parts: (Folded | undefined)[] = [];
  let begin = 0;
  for (const part of folded.parts) {
    const from = Math.max(start - begin, 0);
    const to = Math.min(start + length - begin, part.shape[axis]);
    if (from < to) parts.push(sliced(part, axis, from, to - from));
    begin += part.shape[axis];
  }
  return allThere(parts) ? joined(parts, axis) : undefined;
}

/** Axis i of the result is axis permutation[i]. */
export function transposed(folded: Folded, permutation: readonly number[]): Folded | undefined {
  const isPermutation = [...permutation].sort((a, b) => a - b).every((axis, i) => axis === i);
  if (permutation.length !== folded.shape.length || !isPermutation) return undefined;
  const shape = permutation.map((axis) => folded.shape[axis]);
  if (!isJoined(folded))
    return { ...folded, shape, strides: permutation.map((axis) => folded.strides[axis]) };
  const parts = folded.parts.map((part) => transposed(part, permutation));
  return allThere(parts) ? { ...folded, shape, axis: permutation.indexOf(folded.axis), parts } : undefined;
}

/** Undefined where the values would have to move: strides cannot say it, or an axis of parts is divided. */
export function reshaped(folded: Folded, shape: readonly number[]): Folded | undefined {
  if (sizeOf(shape) !== sizeOf(folded.shape)) return undefined;
  if (!isJoined(folded)) {
    const strides = reshapedStrides(folded.shape, folded.strides, shape);
    return strides && { ...folded, shape, strides };
  }
  const before = sizeOf(folded.shape.slice(0, folded.axis));
  const axis = shape.findIndex(
    (length, k) => length === folded.shape[folded.axis] && sizeOf(shape.slice(0, k)) === before,
  );
  if (axis === -1) return undefined;
  const parts = folded.parts.map((part) => reshaped(part, shape.with(axis, part.shape[folded.axis])));
  return allThere(parts) ? { ...folded, shape, axis, parts } : undefined;
}

function allThere(parts: readonly (Folded | undefined)[]): parts is readonly Folded[] {
  return parts.every((part) => part !== undefined);
}
