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

/** IEEE 754 binary16: 1 sign, 5 exponent (bias 15) and 10 fraction bits. */
function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
