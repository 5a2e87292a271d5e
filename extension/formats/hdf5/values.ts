import { bfloat16Bits } from '../../model/bfloat16.ts';
import { halfToNumber, numberToHalf } from '../../model/float16.ts';
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

/**
 * Puts values into little-endian bytes of `dtype`, rounded to the nearest (ties to even). A value that the bytes stand for
 * already keeps them, so that a float64 that did not change keeps its precision.
 */
export function putFloat32(values: Float32Array, bytes: Uint8Array, dtype: DType): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const present = toFloat32(bytes, dtype);
  const put = putters[dtype];
  for (let i = 0; i < values.length; i++) if (!Object.is(values[i], present[i])) put(view, i, values[i]);
}

const word = new DataView(new ArrayBuffer(4));
const putters: Record<DType, (view: DataView, i: number, value: number) => void> = {
  float16: (view, i, value) => view.setUint16(2 * i, numberToHalf(value), true),
  bfloat16: (view, i, value) => {
    word.setFloat32(0, value);
    view.setUint16(2 * i, bfloat16Bits(word.getUint32(0)), true);
  },
  float32: (view, i, value) => view.setFloat32(4 * i, value, true),
  float64: (view, i, value) => view.setFloat64(8 * i, value, true),
};
