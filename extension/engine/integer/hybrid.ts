import { clamped, roundAway } from './fixedPoint.ts';
import { type IntegerMatrix, rowSums, rowTimes, scaleOf } from './weights.ts';

const { fround } = Math;

/** A row of floats as 8-bit integers: value = (q − zeroPoint) · scale. */
export interface QuantizedRow {
  readonly integers: Int32Array;
  readonly scale: number;
  readonly zeroPoint: number;
}

/** Adds to `sums` [rows] what a matrix of integers times a row of floats gives, as `hybridProduct` makes it. */
export type AddProduct = (x: Float32Array, sums: Float32Array) => void;

/**
 * TensorFlow Lite's product of integers and floats: the row of floats is rounded to 8 bits over its own range, the sums of integers are
 * scaled in float32.
 * @param asymmetric the range is [min, max] with 0 in it, instead of ± the greatest magnitude
 */
export function hybridProduct(matrix: IntegerMatrix, asymmetric: boolean): AddProduct {
  const { rows } = matrix;
  const sums = rowSums(matrix);
  return (x, target) => {
    const row = asymmetric ? quantizedAsymmetric(x) : quantizedSymmetric(x);
    if (!row) return;
    for (let r = 0; r < rows; r++) {
      const factor = fround(row.scale * scaleOf(matrix, r));
      const sum = rowTimes(matrix, r, row.integers) - row.zeroPoint * sums[r];
      target[r] += fround(fround(sum) * factor);
    }
  };
}

/** A diagonal is kept in floats, and nothing is rounded. */
export function diagonalProduct(diagonal: Float32Array): AddProduct {
  return (x, target) => {
    for (let h = 0; h < diagonal.length; h++) target[h] += fround(diagonal[h] * x[h]);
  };
}

/** Undefined where all is 0. */
function quantizedSymmetric(x: Float32Array): QuantizedRow | undefined {
  let range = 0;
  for (const value of x) range = Math.max(range, Math.abs(value));
  if (range === 0) return undefined;
  const inverse = fround(127 / range);
  const integers = Int32Array.from(x, (value) => clamped(roundAway(fround(value * inverse)), -127, 127));
  return { integers, scale: fround(range / 127), zeroPoint: 0 };
}

/** Over the range [min, max] with 0 in it; undefined where all is 0. */
export function quantizedAsymmetric(x: Float32Array): QuantizedRow | undefined {
  let [least, greatest] = [0, 0];
  for (const value of x) {
    least = Math.min(least, value);
    greatest = Math.max(greatest, value);
  }
  if (least === greatest) return undefined;
  const exact = fround(greatest - least) / 255;
  // By the end from which it comes out more exactly.
  const fromLeast = 128 + Math.abs(least / exact) < 127 + Math.abs(greatest / exact);
  const zeroPoint = clamped(roundAway(fromLeast ? -128 - least / exact : 127 - greatest / exact), -128, 127);
  const scale = fround(exact);
  const inverse = fround(1 / scale);
  const integers = Int32Array.from(x, (value) =>
    clamped(roundAway(fround(value * inverse)) + zeroPoint, -128, 127),
  );
  return { integers, scale, zeroPoint };
}
