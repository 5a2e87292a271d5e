import { bfloat16Bits } from './bfloat16.ts';
import { halfToNumber, numberToHalf } from './float16.ts';
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
  if (dtype === 'float16') return values.map((value) => halfToNumber(numberToHalf(value)));
  if (dtype !== 'bfloat16') return values.slice();
  const rounded = values.slice();
  const bits = new Uint32Array(rounded.buffer);
  for (let i = 0; i < bits.length; i++) bits[i] = bfloat16Bits(bits[i]) << 16;
  return rounded;
}
