import type { Tensor } from '../../extension/model/tensor.ts';

/** An array as the Python scripts print it. */
export interface PackedArray {
  shape: number[];
  dtype: 'float32' | 'int32' | 'uint8';
  base64: string;
}

export function unpacked({ shape, dtype, base64 }: PackedArray): Tensor {
  const bytes = new Uint8Array(Buffer.from(base64, 'base64'));
  if (dtype === 'int32') return { shape, data: new Int32Array(bytes.buffer) };
  if (dtype === 'uint8') return { shape, data: Float32Array.from(bytes) };
  return { shape, data: new Float32Array(bytes.buffer) };
}

/** An array for the Python scripts. */
export function packed({ shape, data }: Tensor): PackedArray {
  const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
  return { shape: [...shape], dtype: data instanceof Int32Array ? 'int32' : 'float32', base64 };
}
