import { bfloat16Bits } from '../../model/bfloat16.ts';
import { halfToNumber, numberToHalf } from '../../model/float16.ts';
import { byteSize, type FloatType, type IntegerType, type Parameter } from '../../model/parameter.ts';
import { dequantized, isInteger, type Quantized, quantized } from '../../model/quantization.ts';

/** How values are stored; integers need to say what they stand for. */
export type Stored = Pick<Parameter, 'dtype' | 'quantization' | 'shape'>;

/** Little-endian bytes as float32; `bytes` may start anywhere in its buffer. */
export function toFloat32(bytes: Uint8Array, stored: Stored): Float32Array {
  const { dtype } = stored;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.byteLength / byteSize[dtype];
  if (isInteger(dtype)) {
    const get = getters[dtype];
    const integers = Int32Array.from({ length: count }, (_, i) => get(view, i));
    return dequantized(integers, withQuantization(stored, dtype));
  }
  // A copy of its own: of a Buffer, slice() would be another view of the memory that it shares.
  if (dtype === 'float32') return new Float32Array(new Uint8Array(bytes).buffer);
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
 * Puts values into little-endian bytes, rounded to the nearest (ties to even). A value that the bytes stand for already keeps
 * them, so that a float64 that did not change keeps its precision.
 */
function putFloat32(values: Float32Array, bytes: Uint8Array, stored: Stored): void {
  const { dtype } = stored;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const present = toFloat32(bytes, stored);
  const changed = (i: number) => !Object.is(values[i], present[i]);
  if (isInteger(dtype)) {
    const put = integerPutters[dtype];
    const integers = quantized(values, withQuantization(stored, dtype));
    for (let i = 0; i < values.length; i++) if (changed(i)) put(view, i, integers[i]);
    return;
  }
  const put = putters[dtype];
  for (let i = 0; i < values.length; i++) if (changed(i)) put(view, i, values[i]);
}

/** Puts what stands for 0 where the mask is 0. */
function putZeros(mask: Uint8Array, bytes: Uint8Array, stored: Stored): void {
  const { dtype } = stored;
  const width = byteSize[dtype];
  if (isInteger(dtype)) {
    const values = toFloat32(bytes, stored);
    for (let i = 0; i < mask.length; i++) if (mask[i] === 0) values[i] = 0;
    putFloat32(values, bytes, stored);
    return;
  }
  // Zero is the same bytes in all float types. For so few of them a call of `fill` takes many times as long.
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] !== 0) continue;
    for (let at = i * width, end = at + width; at < end; at++) bytes[at] = 0;
  }
}

/** New values of a tensor, row-major; a mask of 0 and 1 beside them or alone. */
export interface Edit {
  readonly values?: Float32Array;
  readonly mask?: Uint8Array;
}

/** Puts values, and zeros where they are masked, into a tensor's bytes. */
export function putEdit({ values, mask }: Edit, bytes: Uint8Array, stored: Stored): void {
  if (values) putFloat32(values, bytes, stored);
  if (mask) putZeros(mask, bytes, stored);
}

function withQuantization({ quantization, shape }: Stored, dtype: IntegerType): Quantized {
  if (!quantization) throw new RangeError(`${dtype} without a quantisation`);
  return { dtype, quantization, shape };
}

const word = new DataView(new ArrayBuffer(4));
const putters: Record<FloatType, (view: DataView, i: number, value: number) => void> = {
  float16: (view, i, value) => view.setUint16(2 * i, numberToHalf(value), true),
  bfloat16: (view, i, value) => {
    word.setFloat32(0, value);
    view.setUint16(2 * i, bfloat16Bits(word.getUint32(0)), true);
  },
  float32: (view, i, value) => view.setFloat32(4 * i, value, true),
  float64: (view, i, value) => view.setFloat64(8 * i, value, true),
};
const integerPutters: Record<IntegerType, (view: DataView, i: number, value: number) => void> = {
  int8: (view, i, value) => view.setInt8(i, value),
  uint8: (view, i, value) => view.setUint8(i, value),
  int16: (view, i, value) => view.setInt16(2 * i, value, true),
  uint16: (view, i, value) => view.setUint16(2 * i, value, true),
  int32: (view, i, value) => view.setInt32(4 * i, value, true),
};
const getters: Record<IntegerType, (view: DataView, i: number) => number> = {
  int8: (view, i) => view.getInt8(i),
  uint8: (view, i) => view.getUint8(i),
  int16: (view, i) => view.getInt16(2 * i, true),
  uint16: (view, i) => view.getUint16(2 * i, true),
  int32: (view, i) => view.getInt32(4 * i, true),
};
