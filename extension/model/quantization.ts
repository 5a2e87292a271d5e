import type { DType, IntegerType, Parameter, Quantization } from './parameter.ts';
import { roundHalfToEven } from './roundHalfToEven.ts';

/** What `Parameter` says about how its integers are to be read. */
export type Quantized = Pick<Parameter, 'shape'> & {
  readonly dtype: IntegerType;
  readonly quantization: Quantization;
};

/** Least and greatest integer of each type. */
const ranges: Record<IntegerType, readonly [number, number]> = {
  int8: [-128, 127],
  uint8: [0, 255],
  int16: [-32768, 32767],
  uint16: [0, 65535],
  int32: [-2147483648, 2147483647],
};

export function isInteger(dtype: DType): dtype is IntegerType {
  return dtype in ranges;
}

/** The values that integers stand for, as float32. */
export function dequantized(integers: ArrayLike<number>, { shape, quantization }: Quantized): Float32Array {
  const values = new Float32Array(integers.length);
  const { scale, zeroPoint } = quantization;
  forEachChannel(integers.length, shape, quantization, (i, c) => {
    values[i] = (integers[i] - zeroPoint[c]) * scale[c];
  });
  return values;
}

/** The nearest integers (ties to even) that stand for values; what is beyond the type's range gets its end. */
export function quantized(values: Float32Array, { shape, dtype, quantization }: Quantized): Int32Array {
  const [least, greatest] = ranges[dtype];
  const { scale, zeroPoint } = quantization;
  const integers = new Int32Array(values.length);
  forEachChannel(values.length, shape, quantization, (i, c) => {
    const nearest = roundHalfToEven(values[i] / scale[c]) + zeroPoint[c];
    integers[i] = Math.min(Math.max(nearest, least), greatest);
  });
  return integers;
}

/** Visits every value of a row-major tensor with the index of its scale. */
function forEachChannel(
  length: number,
  shape: readonly number[],
  { scale, axis }: Quantization,
  visit: (i: number, channel: number) => void,
): void {
  const inner = axis === undefined ? 1 : shape.slice(axis + 1).reduce((product, n) => product * n, 1);
  for (let i = 0; i < length; i++) visit(i, scale.length === 1 ? 0 : Math.floor(i / inner) % scale.length);
}
