import { sizeOf } from '../model/parameter.ts';
import type { Tensor } from '../model/tensor.ts';

/** The samples of these indices, copied one after another: [indices, …]. */
export function takeSamples({ shape, data }: Tensor, indices: Uint32Array): Tensor {
  const rest = shape.slice(1);
  const size = sizeOf(rest);
  const taken =
    data instanceof Int32Array
      ? new Int32Array(indices.length * size)
      : new Float32Array(indices.length * size);
  for (const [at, index] of indices.entries()) {
    taken.set(data.subarray(index * size, (index + 1) * size), at * size);
  }
  return { shape: [indices.length, ...rest], data: taken };
}
