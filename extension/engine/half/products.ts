import * as tf from '@tensorflow/tfjs-core';
import { nearest } from '../../model/rounding.ts';
import type { HalfArithmetic } from './arithmetic.ts';
import { lanes, sumInTurns } from './sums.ts';

/** One of many products: a [Q,K] · b [K,S]. */
interface Factors {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly queries: number;
  readonly depth: number;
  readonly steps: number;
}

/** A part of the product: from where to before where. */
interface Block {
  readonly rows: readonly [from: number, to: number];
  readonly columns: readonly [from: number, to: number];
}

/**
 * a [..., Q, K] · b [..., K, S] as Eigen multiplies halves where the processor has no arithmetic for them (its GeneralBlockPanelKernel.h), as
 * in TensorFlow's Einsum: every sum is rounded.
 */
export function sumsOfProducts(half: HalfArithmetic, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const [queries, depth] = a.shape.slice(-2);
  const steps = b.shape[b.rank - 1];
  const many = a.shape.slice(0, -2).reduce((product, size) => product * size, 1);
  const results = new Float32Array(many * queries * steps);
  const [left, right] = [a, b].map((x) => x.dataSync() as Float32Array);
  const part = (values: Float32Array, n: number, size: number) => values.subarray(n * size, (n + 1) * size);
  for (let n = 0; n < many; n++) {
    const own = {
      a: part(left, n, queries * depth),
      b: part(right, n, depth * steps),
      queries,
      depth,
      steps,
    };
    multiply(half, own, part(results, n, queries * steps));
  }
  return tf.tensor(results, [...a.shape.slice(0, -1), steps], 'float32');
}

/** Columns are taken by two packets at once, then by one, whose rows go four by four and have two sums each, then one by one. */
function multiply(half: HalfArithmetic, factors: Factors, result: Float32Array): void {
  const { queries, steps, depth } = factors;
  const [double, single] = [2 * lanes, lanes].map((size) => steps - (steps % size));
  const fourfold = queries - (queries % 4);
  const block = (rows: Block['rows'], columns: Block['columns'], sum: (block: Block) => Float32Array) => {
    const width = columns[1] - columns[0];
    if (width === 0 || rows[0] === rows[1]) return;
    const values = sum({ rows, columns });
    for (let q = rows[0]; q < rows[1]; q++) {
      const from = (q - rows[0]) * width;
      result.set(values.subarray(from, from + width), q * steps + columns[0]);
    }
  };
  const inTurns = (turns: number) => (of: Block) =>
    sumInTurns(half, depth, { turns, unrolled: depth - (depth % lanes) }, (k) =>
      nearest(terms(factors, of, k), half.type),
    );
  block([0, queries], [0, double], inTurns(1));
  block([0, fourfold], [double, single], inTurns(2));
  block([fourfold, queries], [double, single], inTurns(1));
  block([0, queries], [single, steps], (of) => fused(half, factors, of));
}

/** Sums to which products are added before they are rounded. */
function fused({ type }: HalfArithmetic, factors: Factors, of: Block): Float32Array {
  let sum = terms(factors, of, 0).fill(0);
  for (let k = 0; k < factors.depth; k++) sum = nearest(terms(factors, of, k, sum), type);
  return sum;
}

/** What the values at one place of the depth add to a block, and what they are added to. */
function terms(
  { a, b, depth, steps }: Factors,
  { rows, columns }: Block,
  k: number,
  to?: Float32Array,
): Float32Array {
  const width = columns[1] - columns[0];
  const products = new Float32Array((rows[1] - rows[0]) * width);
  for (let q = rows[0], place = 0; q < rows[1]; q++) {
    const factor = a[q * depth + k];
    for (let s = columns[0]; s < columns[1]; s++, place++)
      products[place] = factor * b[k * steps + s] + (to ? to[place] : 0);
  }
  return products;
}
