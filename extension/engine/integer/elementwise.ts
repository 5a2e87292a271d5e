import type { Grid, Integers } from '../../model/integers.ts';
import { clamped, type Multiplier, multiplied, multiplierOf } from './fixedPoint.ts';
import { integersOf, valuesOf } from './grid.ts';
import { inverseRoot } from './normalization.ts';
import type { Values } from './values.ts';

const { fround } = Math;

type Merge = Extract<Integers, { kind: 'merge' }>;

/** Before sums, 8-bit integers are moved up by so many bits, so that scaling them loses little. */
const sumBits = 20;
/** Of a root's reciprocal, which is below 1. */
const rootBits = 20;

/**
 * TensorFlow Lite's ADD, SUB and MUL of two tensors of 8-bit integers, each with its own grid. Axes of length 1 are repeated; both have the
 * same number of axes.
 */
export function integerMerge(
  op: 'Add' | 'Sub' | 'Mul',
  inputs: readonly [Values, Values],
  merge: Merge,
): Values {
  const { from, to, least, greatest } = merge;
  const combine = op === 'Mul' ? productOf(from, to) : sumOf(from, to, op === 'Add' ? 1 : -1);
  const { a, b, shape } = beside(inputs, from);
  const results = a.map((x, i) => clamped(combine(x, b[i]) + to.zeroPoint, least, greatest));
  return { data: valuesOf(results, to), shape };
}

/** Integers of both sides, from their zero points on, repeated to one shape. */
function beside(
  inputs: readonly [Values, Values],
  from: Merge['from'],
): { a: Int32Array; b: Int32Array; shape: number[] } {
  const shape = inputs[0].shape.map((n, axis) => (n === 1 ? inputs[1].shape[axis] : n));
  const [a, b] = inputs.map((input, side) => {
    const { zeroPoint } = from[side];
    const integers = integersOf(input.data, from[side]);
    return placesOf(input.shape, shape).map((place) => integers[place] - zeroPoint);
  });
  return { a, b, shape };
}

/** The difference of integers that TensorFlow Lite's SQUARED_DIFFERENCE squares. */
export function integerDifference(
  inputs: readonly [Values, Values],
  { from, to }: Extract<Integers, { kind: 'difference' }>,
): Values {
  const { a, b, shape } = beside(inputs, from);
  const widest = 2 * Math.max(from[0].scale, from[1].scale);
  const [ofA, ofB] = from.map(({ scale }) => multiplierOf(scale / widest));
  // A power of two.
  const finer = widest / to.scale;
  const scaled = (x: number, by: Multiplier) => multiplied(x * finer, by);
  const differences = a.map((x, i) => scaled(x, ofA) - scaled(b[i], ofB));
  return { data: valuesOf(differences, to), shape };
}

/** Its square. */
export function squaredDifference(
  values: Float32Array,
  { from, to }: Extract<Integers, { kind: 'squared' }>,
): Float32Array {
  const multiplier = multiplierOf(from.scale ** 2 / to.scale);
  const results = integersOf(values, from).map((x) =>
    clamped(multiplied(x * x, multiplier) + to.zeroPoint, to.least, to.greatest),
  );
  return valuesOf(results, to);
}

/** TensorFlow Lite's RSQRT. @param roots of what stands for the integers */
export function integerInverseRoot(
  roots: Float32Array,
  { from, to }: Extract<Integers, { kind: 'inverseRoot' }>,
): Float32Array {
  const multiplier = multiplierOf(1 / fround(fround(Math.sqrt(from.scale)) * to.scale));
  const results = Int32Array.from(roots, (root) => {
    const x = Math.round((root * root) / from.scale);
    if (x <= 0) return to.greatest;
    const { mantissa, shift } = inverseRoot(x);
    const inverse = multiplied(1, { mantissa, shift: shift + rootBits });
    const scaled = multiplied(inverse, { ...multiplier, shift: multiplier.shift - rootBits });
    return clamped(scaled + to.zeroPoint, to.least, to.greatest);
  });
  return valuesOf(results, to);
}

function productOf([a, b]: Merge['from'], to: Grid): (x: number, y: number) => number {
  const multiplier = multiplierOf(fround(fround(a.scale * b.scale) / to.scale));
  return (x, y) => multiplied(x * y, multiplier);
}

function sumOf([a, b]: Merge['from'], to: Grid, sign: 1 | -1): (x: number, y: number) => number {
  const widest = 2 * Math.max(a.scale, b.scale);
  const [ofA, ofB] = [multiplierOf(a.scale / widest), multiplierOf(b.scale / widest)];
  const back = multiplierOf(widest / (2 ** sumBits * to.scale));
  const scaled = (x: number, by: Multiplier) => multiplied(x * 2 ** sumBits, by);
  return (x, y) => multiplied(scaled(x, ofA) + sign * scaled(y, ofB), back);
}

/** TensorFlow Lite's PRELU. @param slope as the file's parameter has it, of the axes behind the batch */
export function integerPrelu(
  { data, shape }: Values,
  slope: Values,
  { from, slopes, to }: Extract<Integers, { kind: 'sloped' }>,
): Float32Array {
  const same = multiplierOf(fround(from.scale / to.scale));
  const sloped = multiplierOf(fround(fround(from.scale * slopes.scale) / to.scale));
  const factors = integersOf(slope.data, slopes);
  const places = placesOf([1, ...slope.shape], [1, ...shape.slice(1)]);
  const results = integersOf(data, from).map((q, i) => {
    const x = q - from.zeroPoint;
    const factor = factors[places[i % places.length]] - slopes.zeroPoint;
    return clamped(
      (x >= 0 ? multiplied(x, same) : multiplied(x * factor, sloped)) + to.zeroPoint,
      to.least,
      to.greatest,
    );
  });
  return valuesOf(results, to);
}

/** TensorFlow Lite's MEAN: sums of so many integers each, scaled by the factor and their number at once. @param means in floats */
export function integerMean(
  means: Float32Array,
  count: number,
  { from, to }: Extract<Integers, { kind: 'mean' }>,
): Float32Array {
  const { mantissa, shift } = multiplierOf(fround(from.scale / to.scale));
  const bits = Math.min(Math.floor(Math.log2(count)), 32, 31 + shift);
  const multiplier = { mantissa: Math.floor((mantissa * 2 ** bits) / count), shift: shift - bits };
  const results = Int32Array.from(means, (mean) => {
    const sum = Math.round((mean * count) / from.scale);
    return clamped(multiplied(sum, multiplier) + to.zeroPoint, to.least, to.greatest);
  });
  return valuesOf(results, to);
}

/** For each value of `shape`, row-major, the place of the value of a tensor that is repeated to it. */
function placesOf(own: readonly number[], shape: readonly number[]): Int32Array {
  let places = Int32Array.of(0);
  let stride = own.reduce((all, n) => all * n, 1);
  for (const [axis, n] of shape.entries()) {
    stride /= own[axis];
    const step = own[axis] === 1 ? 0 : stride;
    places = Int32Array.from(
      { length: places.length * n },
      (_, i) => places[Math.floor(i / n)] + (i % n) * step,
    );
  }
  return places;
}
