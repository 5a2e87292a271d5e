import * as tf from '@tensorflow/tfjs-core';
import { nearest } from '../../model/rounding.ts';
import type { HalfArithmetic } from './arithmetic.ts';

/** Values that Eigen adds at once. */
export const lanes = 8;

/** Sums that it goes on with at the same time. */
const sums = 4;

/** The sum of each row [..., 1] in the order in which Eigen adds halves, since every one of its sums is rounded. */
export function sumsOfRows({ type }: HalfArithmetic, x: tf.Tensor): tf.Tensor {
  const width = x.shape[x.rank - 1];
  const values = x.dataSync() as Float32Array;
  const results = new Float32Array(width === 0 ? 0 : values.length / width);
  const added = adder(type);
  for (const row of results.keys()) {
    const own = values.subarray(row * width, (row + 1) * width);
    const packets = Math.floor(width / lanes);
    const unrolled = packets - (packets % sums);
    const first = unrolled === 0 ? 1 : sums;
    const parts = Array.from({ length: first }, () => new Float32Array(lanes));
    for (let n = 0; n < packets; n++) {
      const part = n < unrolled ? n % sums : 0;
      if (n === unrolled) join();
      parts[part] = added(parts[part], own.subarray(n * lanes, (n + 1) * lanes));
    }
    join();
    let rest = new Float32Array(1);
    for (let i = packets * lanes; i < width; i++) rest = added(rest, own.subarray(i, i + 1));
    const across = nearest(Float32Array.of(parts[0].reduce((sum, value) => sum + value, 0)), type);
    results[row] = added(rest, across)[0];

    function join(): void {
      while (parts.length > 1) parts[0] = added(parts[0], parts.splice(1, 1)[0]);
    }
  }
  return tf.tensor(results, [...x.shape.slice(0, -1), 1], 'float32');
}

/** TensorFlow's reduce_sum of the last axis, which goes: in float32 for bfloat16. */
export function sumOfLast(half: HalfArithmetic, x: tf.Tensor): tf.Tensor {
  if (half.type === 'bfloat16') return half.rounded(tf.sum(x, -1));
  return tf.squeeze(sumsOfRows(half, x), [x.rank - 1]);
}

/** TensorFlow's reduce_sum over the steps of x [B,T,I]: in float32 for bfloat16. */
export function sumOfSteps(half: HalfArithmetic, x: tf.Tensor): tf.Tensor {
  const [batch, steps, width] = x.shape;
  if (half.type === 'bfloat16') return half.rounded(tf.sum(x, 1));
  if (width === 1) return tf.squeeze(sumsOfRows(half, tf.reshape(x, [batch, 1, steps])), [2]);
  const values = x.dataSync() as Float32Array;
  const results = new Float32Array(batch * width);
  for (let b = 0; b < batch; b++) {
    const at = (step: number) => values.subarray((b * steps + step) * width, (b * steps + step + 1) * width);
    const one = sumInTurns(half, steps, { turns: 1, unrolled: steps }, at);
    const unrolled = steps - (steps % sums);
    const several = steps < unrolledFrom ? one : sumInTurns(half, steps, { turns: sums, unrolled }, at);
    for (let i = 0; i < width; i++) {
      // Values that Eigen takes at once lie in one row; those around a row's end it takes one by one.
      const place = b * width + i;
      const inOneRow = ((place - (place % lanes)) % width) + lanes <= width;
      results[place] = (inOneRow ? several : one)[i];
    }
  }
  return tf.tensor(results, [batch, width], 'float32');
}

/** Steps from which on Eigen goes on with several sums. */
const unrolledFrom = 16;

/** The sum of rows: up to some row they are added up in turns, then these sums, then the rows that are left. */
export function sumInTurns(
  { type }: HalfArithmetic,
  rows: number,
  { turns, unrolled }: { readonly turns: number; readonly unrolled: number },
  at: (row: number) => Float32Array,
): Float32Array {
  const added = adder(type);
  const zeros = new Float32Array(at(0).length);
  const parts = Array<Float32Array>(turns).fill(zeros);
  for (let n = 0; n < unrolled; n++) parts[n % turns] = added(parts[n % turns], at(n));
  let sum = parts.reduce(added);
  for (let n = unrolled; n < rows; n++) sum = added(sum, at(n));
  return sum;
}

type Add = (a: Float32Array, b: Float32Array) => Float32Array<ArrayBuffer>;

function adder(type: HalfArithmetic['type']): Add {
  return (a, b) =>
    nearest(
      a.map((value, i) => value + b[i]),
      type,
    ) as Float32Array<ArrayBuffer>;
}
