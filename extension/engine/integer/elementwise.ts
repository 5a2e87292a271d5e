import type { Grid, Integers } from '../../model/integers.ts';
import { clamped, type Multiplier, multiplied, multiplierOf } from './fixedPoint.ts';
import { integersOf, valuesOf } from './grid.ts';
import type { Values } from './values.ts';

const { fround } = Math;

type Merge = Extract<Integers, { kind: 'merge' }>;

/** Before sums, 8-bit integers are moved up by so many bits, so that scaling them loses little. */
const sumBits = 20;

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
  const [a, b] = inputs.map(({ data }, i) => integersOf(data, from[i]).map((q) => q - from[i].zeroPoint));
  const combine = op === 'Mul' ? productOf(from, to) : sumOf(from, to, op === 'Add' ? 1 : -1);
  const shape = inputs[0].shape.map((n, axis) => (n === 1 ? inputs[1].shape[axis] : n));
  const [placeA, placeB] = inputs.map((input) => placesOf(input.shape, shape));
  const results = placeA.map((place, i) =>
    clamped(combine(a[place], b[placeB[i]]) + to.zeroPoint, least, greatest),
  );
  return { data: valuesOf(results, to), shape };
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
