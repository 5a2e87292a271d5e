import type { Tensor } from '../model/tensor.ts';

/** Samples `start` to `end` of a tensor whose first axis is the samples; shares its memory. */
export function rows({ shape, data }: Tensor, start: number, end: number): Tensor {
  const width = shape.slice(1).reduce((product, n) => product * n, 1);
  return { shape: [end - start, ...shape.slice(1)], data: data.subarray(start * width, end * width) };
}

/** Ranges [start, end) of at most `size` samples, in order. */
export function* ranges(count: number, size: number): Generator<readonly [number, number]> {
  for (let start = 0; start < count; start += size) yield [start, Math.min(start + size, count)];
}
