import {
  clamped,
  doubledHigh,
  type Multiplier,
  multiplied,
  multiplierOf,
  roundedShift,
} from './fixedPoint.ts';
import type { IntegerMatrix } from './weights.ts';

const { fround } = Math;

/** Integers are shifted up by so many bits, or the normalised ones would have no fractions. */
const extraBits = 10;
const extra = 2 ** extraBits;
/** √½ without integer bits. */
const rootOfHalf = 1518500250;
/** 1 and 1.5 with three integer bits of 32. */
const [one, oneAndHalf] = [2 ** 28, 2 ** 28 + 2 ** 27];

/** Normalises 16-bit integers [H] in place. */
export type Normalize = (values: Int32Array) => void;

/**
 * TensorFlow Lite's layer normalization of 16-bit integers: their scale cancels out, and what comes out has 3 integer bits and 12
 * fractional ones.
 * @param factors [H, 1], 16-bit integers
 * @param bias [H], which the kernels take to be in the scale of the factors divided by 2^10, whatever the file says. Weights pass as
 * float32, so that one of more than 24 bits may be off by a thousandth of what is rounded here
 */
export function layerNormalization(
  { integers, scale }: IntegerMatrix,
  bias: Int32Array | undefined,
): Normalize {
  const factor = fround(scale[0]);
  const multiplier = multiplierOf(factor);
  const toGate: Multiplier = { ...multiplier, shift: multiplier.shift + 12 };
  const leastVariance = Math.max(1, Math.trunc(fround(10000 * factor)));
  return (values) => {
    const { mean, variance } = momentsOf(values);
    const inverse = inverseRoot(variance < 1 ? leastVariance : variance);
    for (const [h, value] of values.entries()) {
      const normalized = multiplied(extra * value - mean, inverse);
      const scaled = (Math.imul(normalized, integers[h]) + (bias?.[h] ?? 0)) | 0;
      const rounded = Math.trunc((scaled + (scaled > 0 ? extra / 2 : -extra / 2)) / extra);
      values[h] = clamped(multiplied(rounded, toGate), -32768, 32767);
    }
  };
}

/** The mean, times 2^10, and the variance, which is a little too small where 2^20 is no multiple of how many there are. */
function momentsOf(values: Int32Array): { mean: number; variance: number } {
  const square = extra ** 2;
  const sum = values.reduce((all, value) => all + value, 0);
  const squares = values.reduce((all, value) => all + value * value, 0);
  const mean = Math.trunc((sum * extra) / values.length);
  const variance = squares * Math.floor(square / values.length) - mean * mean;
  return { mean, variance: Math.trunc(variance / square) };
}

/**
 * 1 / √x of a positive integer, by Newton and Raphson: five steps x' = 1.5 x − ½ a x³ from 1, on numbers with three integer bits, of a in
 * [½, 2) (TensorFlow Lite's GetInvSqrtQuantizedMultiplierExp).
 */
export function inverseRoot(x: number): Multiplier {
  if (x <= 1) return { mantissa: 2 ** 31 - 1, shift: 0 };
  let [input, right] = [x, 11];
  for (; input >= 2 ** 29; right++) input = Math.trunc(input / 4);
  const pairs = Math.floor((Math.clz32(input) - 1) / 2) - 1;
  const shifted = Math.floor((input * 4 ** pairs) / 2);
  right -= pairs;
  const half = roundedShift(shifted, 1);
  let root = one;
  for (let step = 0; step < 5; step++) {
    const cube = saturated(times(times(root, root), root) * 2 ** 6);
    root = saturated((times(oneAndHalf, root) - times(half, cube)) * 2 ** 3);
  }
  const mantissa = times(root, rootOfHalf);
  return right < 0 ? { mantissa: mantissa * 2 ** -right, shift: 0 } : { mantissa, shift: 0 - right };
}

function times(a: number, b: number): number {
  return doubledHigh(a, b, 32);
}

function saturated(x: number): number {
  return clamped(x, -(2 ** 31), 2 ** 31 - 1);
}
