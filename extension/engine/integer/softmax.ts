import type { Grid } from '../../model/integers.ts';
import { fixedFunctions } from './fixedFunctions.ts';
import { clamped, doubledHigh, multiplierOf, roundedShift } from './fixedPoint.ts';

/** Integer bits of the differences to the greatest logit, and of the sum of their exponentials. */
const [differenceBits, sumBits] = [5, 12];
const { expOfNegative, oneOver } = fixedFunctions(32);

/**
 * TensorFlow Lite's SOFTMAX of 8-bit integers, in fixed point.
 * @param row logits, by the scale
 * @returns integers of the 8-bit grid from 0 to 1, [row.length]
 */
export function integerSoftmax(row: Int32Array, scale: number, { least, greatest }: Grid): Int32Array {
  const factor = Math.min(scale * 2 ** (31 - differenceBits), 2 ** 31 - 1);
  const { mantissa, shift } = multiplierOf(factor);
  // What is further below adds nothing.
  const lowest = -Math.floor((2 ** differenceBits - 1) * 2 ** (31 - differenceBits - shift));
  const top = row.reduce((a, b) => Math.max(a, b));
  const exponentials = Array.from(row, (q) => {
    const difference = q - top;
    if (difference < lowest) return undefined;
    return expOfNegative(doubledHigh(difference * 2 ** shift, mantissa, 32), differenceBits);
  });
  const sum = exponentials.reduce<number>((all, one = 0) => all + roundedShift(one, sumBits), 0);
  // The sum as 2^(sumBits − zeros) · (1 + rest).
  const zeros = Math.clz32(sum);
  const reciprocal = oneOver(sum * 2 ** zeros - 2 ** 31);
  return Int32Array.from(exponentials, (one) => {
    if (one === undefined) return least;
    const share = roundedShift(doubledHigh(reciprocal, one, 32), sumBits - zeros + 31 - 8);
    return clamped(share + least, least, greatest);
  });
}
