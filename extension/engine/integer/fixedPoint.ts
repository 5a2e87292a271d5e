/*
 * Fixed-point arithmetic of TensorFlow Lite's kernels (its quantization specification, and gemmlowp's fixedpoint), on numbers that hold
 * int32 or int16 exactly.
 */

/** A positive factor as `mantissa` · 2^(`shift` − 31), the mantissa an int32 from 2^30 on. */
export interface Multiplier {
  readonly mantissa: number;
  readonly shift: number;
}

export function multiplierOf(factor: number): Multiplier {
  if (factor === 0) return { mantissa: 0, shift: 0 };
  let shift = Math.floor(Math.log2(factor)) + 1;
  // The logarithm may be off by one beside a power of two.
  if (factor / 2 ** shift >= 1) shift++;
  else if (factor / 2 ** shift < 0.5) shift--;
  let mantissa = roundAway((factor / 2 ** shift) * 2 ** 31);
  if (mantissa === 2 ** 31) {
    mantissa /= 2;
    shift++;
  }
  return shift < -31 ? { mantissa: 0, shift: 0 } : { mantissa, shift };
}

/** x times the factor, rounded twice as the kernels round: halves away from 0. */
export function multiplied(x: number, { mantissa, shift }: Multiplier): number {
  const left = shift > 0 ? (x * 2 ** shift) | 0 : x;
  return roundedShift(doubledHigh(left, mantissa, 32), shift > 0 ? 0 : -shift);
}

/** The same as ruy rounds, the library behind TensorFlow Lite's products of matrices: the second time halves upwards. */
export function multipliedUpwards(x: number, { mantissa, shift }: Multiplier): number {
  if (shift >= 0) return multiplied(x, { mantissa, shift });
  return Math.floor(doubledHigh(x, mantissa, 32) / 2 ** -shift + 0.5);
}

/**
 * The upper half of 2ab of integers of so many bits, halves away from 0: (|a|·|b| + ½ u) / u with u = 2^(width − 1), a little less in the
 * sum where the product is negative. A product has up to 62 bits, so b goes in two parts, whose products numbers hold exactly.
 */
export function doubledHigh(a: number, b: number, width: 16 | 32): number {
  const isNegative = a < 0 !== b < 0 && a !== 0 && b !== 0;
  const [size, other] = [Math.abs(a), Math.abs(b)];
  const half = 2 ** (width / 2);
  const upper = Math.floor(other / half);
  const lower = size * (other - upper * half) + 2 ** (width - 2) - (isNegative ? 1 : 0);
  const result = Math.floor((size * upper + Math.floor(lower / half)) / (2 ** (width - 1) / half));
  // −1 times −1 is the greatest number, as 1 is none.
  return isNegative ? -result : Math.min(result, 2 ** (width - 1) - 1);
}

/** x / 2^exponent of an int32, halves away from 0. */
export function roundedShift(x: number, exponent: number): number {
  const mask = 2 ** exponent - 1;
  const floor = Math.floor(x / 2 ** exponent);
  const remainder = x - floor * 2 ** exponent;
  const threshold = Math.floor(mask / 2) + (x < 0 ? 1 : 0);
  return floor + (remainder > threshold ? 1 : 0);
}

export function clamped(x: number, least: number, greatest: number): number {
  return x < least ? least : x > greatest ? greatest : x;
}

/** Halves away from 0, as C's round. */
export function roundAway(x: number): number {
  const whole = Math.trunc(x);
  return Math.abs(x - whole) < 0.5 ? whole : whole + Math.sign(x);
}
