import type { Parameter } from '../../model/parameter.ts';

/** A matrix of integers [rows, columns] and what each row's stand for. */
export interface IntegerMatrix {
  readonly rows: number;
  readonly columns: number;
  readonly integers: Int32Array;
  /** One, or one a row; without zero points, which TensorFlow Lite's weights do not have. */
  readonly scale: readonly number[];
}

/**
 * The integers behind a matrix of values [rows, columns], nearest where it was trained since. Masked values are 0, for which the integer is
 * the zero point, here 0.
 * @param from where the matrix begins in the values
 */
export function integerMatrix(
  values: Float32Array,
  [rows, columns]: readonly [number, number],
  { quantization }: Parameter,
  from = 0,
): IntegerMatrix {
  const scale = quantization?.scale ?? [1];
  const integers = new Int32Array(rows * columns);
  for (let row = 0, at = 0; row < rows; row++) {
    const own = scaleOf({ scale }, row);
    for (let column = 0; column < columns; column++, at++) integers[at] = Math.round(values[from + at] / own);
  }
  return { rows, columns, integers, scale };
}

/** The sum of each row. */
export function rowSums({ rows, columns, integers }: IntegerMatrix): Int32Array {
  const sums = new Int32Array(rows);
  for (let row = 0, at = 0; row < rows; row++)
    for (let column = 0; column < columns; column++, at++) sums[row] += integers[at];
  return sums;
}

/** A row times as many integers of a vector. */
export function rowTimes(
  { columns, integers }: IntegerMatrix,
  row: number,
  vector: Int32Array,
  from = 0,
): number {
  let sum = 0;
  for (let column = 0, at = row * columns; column < columns; column++, at++)
    sum += integers[at] * vector[from + column];
  return sum;
}

/** What one of a row's integers stands for. */
export function scaleOf({ scale }: Pick<IntegerMatrix, 'scale'>, row: number): number {
  return scale[scale.length === 1 ? 0 : row];
}
