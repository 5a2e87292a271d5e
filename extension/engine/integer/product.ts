import type { Integers } from '../../model/integers.ts';
import { clamped, multiplied, multipliedUpwards, multiplierOf } from './fixedPoint.ts';
import { integersOf, valuesOf } from './grid.ts';
import { type IntegerMatrix, rowSums, rowTimes } from './weights.ts';

/**
 * TensorFlow Lite's FULLY_CONNECTED, and its convolutions, of 8-bit integers: sums of integers scaled to the grid of the output in fixed point, each row of
 * weights by its own factor.
 * @param x values on the grid `from`, [n, columns]
 * @param bias integers of the scale of the sums
 * @returns values on the grid `to`, [n, rows]
 */
export function integerProduct(
  x: Float32Array,
  matrix: IntegerMatrix,
  bias: Int32Array | undefined,
  { from, to, least, greatest, twiceFrom = matrix.rows }: Extract<Integers, { kind: 'product' }>,
): Float32Array {
  const { rows, columns, scale } = matrix;
  const inputs = integersOf(x, from);
  const factors = scale.map((own) => multiplierOf((from.scale * own) / to.scale));
  const sums = rowSums(matrix);
  const count = x.length / columns;
  const outputs = new Int32Array(count * rows);
  for (let n = 0, at = 0; n < count; n++) {
    for (let row = 0; row < rows; row++, at++) {
      const sum =
        rowTimes(matrix, row, inputs, n * columns) - from.zeroPoint * sums[row] + (bias?.[row] ?? 0);
      const times = row < twiceFrom ? multipliedUpwards : multiplied;
      const scaled = times(sum, factors[factors.length === 1 ? 0 : row]) + to.zeroPoint;
      outputs[at] = clamped(scaled, least, greatest);
    }
  }
  return valuesOf(outputs, to);
}
