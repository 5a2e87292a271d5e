import { bfloat16Bits } from './bfloat16.ts';
import { roundToHalves } from './float16.ts';
import type { Parameter } from './parameter.ts';
import { dequantized, isInteger, quantized } from './quantization.ts';

/**
 * Values as they are read back once a file has stored them as the parameter's type, rounded to the nearest (ties to even). A fresh array.
 * @throws RangeError for integers without a quantisation, which no values can be stored as
 */
export function roundTo(
  values: Float32Array,
  { dtype, quantization, shape }: Pick<Parameter, 'dtype' | 'quantization' | 'shape'>,
): Float32Array {
  if (isInteger(dtype)) {
    if (!quantization) throw new RangeError(`${dtype} without a quantisation`);
    const how = { dtype, quantization, shape };
    return dequantized(quantized(values, how), how);
  }
  if (dtype === 'float16' || dtype === 'bfloat16') return nearest(values, dtype);
  return values.slice();
}

/** The types of 16 bits that floats may be computed in. */
export type HalfType = 'float16' | 'bfloat16';

/** Values rounded to the nearest of a type, ties to even. A fresh array. */
export function nearest(values: Float32Array, type: HalfType): Float32Array {
  const rounded = values.slice();
  if (type === 'float16') return roundToHalves(rounded);
  const bits = new Uint32Array(rounded.buffer);
  for (let i = 0; i < bits.length; i++) bits[i] = bfloat16Bits(bits[i]) << 16;
  return rounded;
}
