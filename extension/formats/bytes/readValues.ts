import { byteSize, sizeOf } from '../../model/parameter.ts';
import type { FileBytes } from './fileBytes.ts';
import { type Stored, toFloat32 } from './values.ts';

/**
 * The values that lie row-major from byte `at` on. Those of float32 are the memory that was read, so that a large matrix is in memory once.
 * Throws fileDamaged where the file ends before.
 */
export async function readValues(file: FileBytes, at: number, stored: Stored): Promise<Float32Array> {
  const bytes = await file.read(at, sizeOf(stored.shape) * byteSize[stored.dtype]);
  return ownValues(bytes, stored);
}

/** Bytes that nobody else has, as values: float32 without a copy. */
export function ownValues(bytes: Uint8Array, stored: Stored): Float32Array {
  if (stored.dtype !== 'float32' || bytes.byteOffset % byteSize.float32 !== 0)
    return toFloat32(bytes, stored);
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / byteSize.float32);
}
