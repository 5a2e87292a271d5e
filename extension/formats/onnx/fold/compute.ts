import { sizeOf } from '../../../model/parameter.ts';
import { broadcastStrides } from './broadcast.ts';
import type { Reduction } from './functions.ts';

/*
 * Arithmetic on whole constants, row-major. Every operator's results are float32, as ONNX Runtime's are; a sum is rounded once.
 */

/** A function of the values at each place of one to three operands, which are broadcast to one shape. */
export function elementwise(
  compute: (a: number, b: number, c: number) => number,
  operands: readonly Float32Array[],
  shapes: readonly (readonly number[])[],
  shape: readonly number[],
): Float32Array {
  const result = new Float32Array(sizeOf(shape));
  const [a, b = a, c = a] = operands;
  const strides = [0, 1, 2].map((i) => broadcastStrides(shapes[i] ?? [], shape));
  eachRow(shape, strides, (at, [i, j, k], length, [di, dj, dk]) => {
    for (let n = 0; n < length; n++) result[at + n] = compute(a[i + n * di], b[j + n * dj], c[k + n * dk]);
  });
  return result;
}

/** Values taken together along axes. */
export function reduced(
  { first, next, result = (sum) => sum }: Reduction,
  values: Float32Array,
  shape: readonly number[],
  axes: ReadonlySet<number>,
): Float32Array {
  const kept = shape.map((length, axis) => (axes.has(axis) ? 1 : length));
  const sums = new Float64Array(sizeOf(kept)).fill(first);
  eachRow(shape, [broadcastStrides(kept, shape)], (at, [place], length, [step]) => {
    for (let n = 0; n < length; n++) sums[place + n * step] = next(sums[place + n * step], values[at + n]);
  });
  const count = values.length / sums.length;
  return Float32Array.from(sums, (sum) => result(sum, count));
}

/** Values by strides over others, row-major. */
export function gathered(
  from: ArrayLike<number>,
  shape: readonly number[],
  strides: readonly number[],
  offset: number,
): Float32Array {
  const result = new Float32Array(sizeOf(shape));
  eachRow(shape, [strides], (at, [place], length, [step]) => {
    for (let n = 0; n < length; n++) result[at + n] = from[offset + place + n * step];
  });
  return result;
}

/** Constants one after another along an axis. */
export function concatenated(
  parts: readonly { readonly values: Float32Array; readonly shape: readonly number[] }[],
  axis: number,
  shape: readonly number[],
): Float32Array {
  const result = new Float32Array(sizeOf(shape));
  const whole = sizeOf(shape.slice(axis));
  let begin = 0;
  for (const part of parts) {
    const own = sizeOf(part.shape.slice(axis));
    for (let from = 0, to = begin; from < part.values.length; from += own, to += whole)
      result.set(part.values.subarray(from, from + own), to);
    begin += own;
  }
  return result;
}

/**
 * Goes through the last axis of a shape, again and again: how many values were before, where that begins by each of several strides, how
 * long it is, and the strides along it.
 */
function eachRow(
  shape: readonly number[],
  strides: readonly (readonly number[])[],
  visit: (at: number, places: readonly number[], length: number, steps: readonly number[]) => void,
): void {
  const length = shape.at(-1) ?? 1;
  const steps = strides.map((own) => own.at(-1) ?? 0);
  const outer = shape.slice(0, -1);
  const index = outer.map(() => 0);
  const places = strides.map(() => 0);
  for (let at = 0, end = sizeOf(shape); at < end; at += length) {
    visit(at, places, length, steps);
    for (let axis = outer.length - 1; axis >= 0; axis--) {
      index[axis]++;
      for (let i = 0; i < places.length; i++) places[i] += strides[i][axis];
      if (index[axis] < outer[axis]) break;
      for (let i = 0; i < places.length; i++) places[i] -= outer[axis] * strides[i][axis];
      index[axis] = 0;
    }
  }
}
