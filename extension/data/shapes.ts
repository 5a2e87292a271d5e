import { sizeOf } from '../model/parameter.ts';
import type { Tensor } from '../model/tensor.ts';

/** A shape as people write it: [N, 50, 25], with `*` where it is free. */
export function formatShape(shape: readonly (number | null)[]): string {
  return `[${shape.map((n) => n ?? '*').join(', ')}]`;
}

/** As `formatShape`, the first axis being the samples: [N, 50, 25]. */
export function formatSampleShape(shape: readonly (number | null)[]): string {
  return `[${['N', ...shape.slice(1).map((n) => n ?? '*')].join(', ')}]`;
}

/** Position of a row-major index: [12, 0, 3]. The first axis may go beyond the shape. */
export function formatIndex(index: number, shape: readonly number[]): string {
  const position: number[] = [];
  let rest = index;
  for (const n of shape.slice(1).toReversed()) {
    position.unshift(rest % n);
    rest = Math.floor(rest / n);
  }
  return `[${[rest, ...position].join(', ')}]`;
}

/** Samples `from` up to `to`; shares the values. */
export function sliceSamples(tensor: Tensor, from: number, to: number): Tensor {
  const [count, ...rest] = tensor.shape;
  if (from === 0 && to === count) return tensor;
  const size = sizeOf(rest);
  return { shape: [to - from, ...rest], data: tensor.data.subarray(from * size, to * size) };
}

/** Tensors of equal sample shape one after another; floats where any of them holds floats. */
export function concatSamples(tensors: readonly Tensor[]): Tensor {
  if (tensors.length === 1) return tensors[0];
  const [, ...rest] = tensors[0].shape;
  const total = tensors.reduce((sum, { data }) => sum + data.length, 0);
  const whole = tensors.every(({ data }) => data instanceof Int32Array);
  const data = whole ? new Int32Array(total) : new Float32Array(total);
  let at = 0;
  for (const tensor of tensors) {
    data.set(tensor.data, at);
    at += tensor.data.length;
  }
  return { shape: [tensors.reduce((sum, { shape }) => sum + shape[0], 0), ...rest], data };
}
