import type { Integers } from '../../model/integers.ts';
import { clip } from '../losses/clip.ts';
import { integersOf, nearest } from './grid.ts';
import { integerSoftmax } from './softmax.ts';

const { fround } = Math;

type Head = Extract<Integers, { kind: 'softmax' | 'sigmoid' }>;

/**
 * The logarithms of what TensorFlow Lite's SOFTMAX of 8-bit integers puts out, for rows of so many values. A softmax over them gives the
 * probabilities back.
 */
export function logSoftmaxOfIntegers(x: Float32Array, width: number, { from, to }: Head): Float32Array {
  const integers = integersOf(x, from);
  const results = new Float32Array(x.length);
  for (let start = 0; start < x.length; start += width) {
    const shares = integerSoftmax(integers.subarray(start, start + width), from.scale, to);
    for (const [i, q] of shares.entries()) results[start + i] = Math.log(clip((q - to.zeroPoint) * to.scale));
  }
  return results;
}

/** The logits of what LOGISTIC puts out: a table of the function's values, rounded. A sigmoid of them gives these back. */
export function logitOfIntegers(x: Float32Array, { to }: Head): Float32Array {
  return x.map((value) => {
    const q = nearest(fround(1 / (1 + Math.exp(-value))), to);
    const probability = clip((q - to.zeroPoint) * to.scale);
    return Math.log(probability / (1 - probability));
  });
}
