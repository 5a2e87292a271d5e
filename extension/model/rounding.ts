import { bfloat16Bits } from './bfloat16.ts';
import { halfToNumber, numberToHalf } from './float16.ts';
import type { DType } from './parameter.ts';

/** Values as they are read back once a file has stored them as `dtype`, rounded to the nearest (ties to even). */
export function roundTo(values: Float32Array, dtype: DType): Float32Array {
  if (dtype === 'float16') return values.map((value) => halfToNumber(numberToHalf(value)));
  if (dtype !== 'bfloat16') return values.slice();
  const rounded = values.slice();
  const bits = new Uint32Array(rounded.buffer);
  for (let i = 0; i < bits.length; i++) bits[i] = bfloat16Bits(bits[i]) << 16;
  return rounded;
}
