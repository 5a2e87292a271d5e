import type { Grid } from '../../model/integers.ts';
import { clamped, roundAway } from './fixedPoint.ts';

type Values = Float32Array | Int32Array | Uint8Array;

/** The integers that stand for values which lie on the grid. */
export function integersOf(values: Values, { scale, zeroPoint }: Grid): Int32Array {
  const integers = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) integers[i] = Math.round(values[i] / scale) + zeroPoint;
  return integers;
}

/** What integers stand for, in float32. */
export function valuesOf(integers: ArrayLike<number>, grid: Grid): Float32Array {
  const { scale, zeroPoint } = grid;
  const values = new Float32Array(integers.length);
  for (let i = 0; i < values.length; i++) values[i] = (integers[i] - zeroPoint) * scale;
  return values;
}

/** The nearest integer of a grid, halves away from 0, as TensorFlow Lite's QUANTIZE. */
export function nearest(value: number, { scale, zeroPoint, least, greatest }: Grid): number {
  return clamped(roundAway(Math.fround(value / scale)) + zeroPoint, least, greatest);
}
