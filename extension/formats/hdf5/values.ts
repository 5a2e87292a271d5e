import { halfToNumber } from '../../model/float16.ts';
import type { DType } from '../../model/parameter.ts';

/** Bytes of one value. */
export const byteSize: Record<DType, number> = { float16: 2, bfloat16: 2, float32: 4, float64: 8 };

/** Little-endian bytes of `dtype` as float32; `bytes` may start anywhere in its buffer. */
export function toFloat32(bytes: Uint8Array, dtype: DType): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.byteLength / byteSize[dtype];
  if (dtype === 'float32') return new Float32Array(bytes.slice().buffer);
  const values = new Float32Array(count);
  if (dtype === 'float64') for (let i = 0; i < count; i++) values[i] = view.getFloat64(8 * i, true);
  else if (dtype === 'float16')
    for (let i = 0; i < count; i++) values[i] = halfToNumber(view.getUint16(2 * i, true));
  else {
    // A bfloat16 is the upper half of a float32.
    const bits = new Uint32Array(values.buffer);
    for (let i = 0; i < count; i++) bits[i] = view.getUint16(2 * i, true) << 16;
  }
  return values;
}
