import { halfToNumber } from '../model/float16.ts';

/** How the numbers of an array are stored. */
export interface NumberType {
  readonly kind: 'f' | 'i' | 'u' | 'b';
  /** Bytes of one value. */
  readonly size: number;
  readonly bigEndian: boolean;
}

const sizes: Record<NumberType['kind'], readonly number[]> = {
  f: [2, 4, 8],
  i: [1, 2, 4, 8],
  u: [1, 2, 4, 8],
  b: [1],
};

/** NumPy's type string; undefined for objects, text, complex numbers, times and records. */
export function numberType(descr: string): NumberType | undefined {
  const [, order, kind, digits] = /^([<>=|]?)([fiub?])(\d*)$/.exec(descr) ?? [];
  if (!kind) return undefined;
  if (kind === '?') return { kind: 'b', size: 1, bigEndian: false };
  const type = { kind: kind as NumberType['kind'], size: Number(digits), bigEndian: order === '>' };
  return sizes[type.kind].includes(type.size) ? type : undefined;
}

/** A whole number that 32 bits cannot hold. */
export interface Overflow {
  readonly index: number;
  readonly value: bigint | number;
}

/**
 * Values of `bytes`, which must begin at 0 of their buffer and may be changed: fractions as float32, the rest as int32.
 * Assumes a little-endian machine, like every one that VS Code runs on.
 */
export function decodeValues(
  bytes: Uint8Array<ArrayBuffer>,
  { kind, size, bigEndian }: NumberType,
): Float32Array | Int32Array | Overflow {
  const { buffer } = bytes;
  if (bigEndian) swap(Buffer.from(buffer), size);
  if (kind === 'f') {
    if (size === 4) return new Float32Array(buffer);
    return size === 8
      ? new Float32Array(new Float64Array(buffer))
      : Float32Array.from(new Uint16Array(buffer), halfToNumber);
  }
  switch (`${kind}${size}`) {
    case 'b1':
    case 'u1':
      return new Int32Array(new Uint8Array(buffer));
    case 'i1':
      return new Int32Array(new Int8Array(buffer));
    case 'u2':
      return new Int32Array(new Uint16Array(buffer));
    case 'i2':
      return new Int32Array(new Int16Array(buffer));
    case 'i4':
      return new Int32Array(buffer);
    case 'u4':
      return narrow(new Uint32Array(buffer));
    case 'u8':
      return narrow(new BigUint64Array(buffer));
    default:
      return narrow(new BigInt64Array(buffer));
  }
}

function swap(bytes: Buffer, size: number): void {
  if (size === 2) bytes.swap16();
  else if (size === 4) bytes.swap32();
  else if (size === 8) bytes.swap64();
}

function narrow(values: Uint32Array | BigInt64Array | BigUint64Array): Int32Array | Overflow {
  const narrowed = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]);
    if (value > 0x7fffffff || value < -0x80000000) return { index: i, value: values[i] };
    narrowed[i] = value;
  }
  return narrowed;
}

/** Values in Fortran order (first axis fastest) in C order (last axis fastest). */
export function toRowMajor<T extends Float32Array | Int32Array>(values: T, shape: readonly number[]): T {
  if (shape.length < 2) return values;
  const strides: number[] = [];
  for (let axis = 0, stride = 1; axis < shape.length; stride *= shape[axis++]) strides.push(stride);
  const result = values.slice() as T;
  const index = shape.map(() => 0);
  for (let to = 0, from = 0; to < result.length; to++) {
    result[to] = values[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}
