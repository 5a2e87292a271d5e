import { roundHalfToEven } from './roundHalfToEven.ts';

/** IEEE 754 binary16 by its bits: 1 sign, 5 exponent (bias 15) and 10 fraction bits. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Largest exponent of a normal binary16; the smallest is −14, below which values are multiples of 2^-24. */
const largestExponent = 15;
const smallestExponent = -14;

/** The bits of the nearest binary16, the even one of two as near; beyond 65504 infinity, as IEEE 754 rounds. */
export function numberToHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  if (size >= 2 ** (largestExponent + 1)) return sign | 0x7c00;
  const exponent = Math.max(exponentOf(size), smallestExponent);
  // In units of the last fraction bit; powers of two scale without rounding.
  const units = roundHalfToEven(size * 2 ** (10 - exponent));
  // A normal value has 1024 to 2048 units: the leading 1024 raises the exponent field by one, as a carry does.
  return sign | (((exponent - smallestExponent) << 10) + units);
}

/** e of size = m · 2^e with 1 ≤ m < 2, below 2^-14 any smaller e. */
function exponentOf(size: number): number {
  let exponent = smallestExponent;
  while (size >= 2 ** (exponent + 1)) exponent++;
  return exponent;
}

/** Rounds values in place to the nearest binary16, as `numberToHalf` does, by the bits of the float32: for what is computed in halves. */
export function roundToHalves(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) {
    const size = bits[i] & 0x7fffffff;
    const sign = bits[i] & 0x80000000;
    if (size < smallestNormal) {
      // A float32 from 0.5 on is a multiple of 2^-24, as a subnormal half is.
      values[i] = Math.fround(Math.abs(values[i]) + 0.5) - 0.5;
      bits[i] |= sign;
    } else if (size < overflow) bits[i] = (bits[i] + 0xfff + ((bits[i] >>> 13) & 1)) & ~0x1fff;
    else if (size <= infinity) bits[i] = sign | infinity;
  }
  return values;
}

/** Bits of float32: of 2^-14, of 65520, from which on infinity is nearer than 65504, and of infinity. */
const smallestNormal = 0x38800000;
const overflow = 0x477ff000;
const infinity = 0x7f800000;
