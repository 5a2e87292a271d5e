import { rowMajorStrides } from './strides.ts';

/**
 * The shape that tensors have together, aligned at the last axis (ONNX' multidirectional broadcasting); undefined where they do not fit,
 * or have more than `most` values.
 */
export function broadcastShape(
  a: readonly number[],
  b: readonly number[],
  most: number,
): number[] | undefined {
  const rank = Math.max(a.length, b.length);
  const at = (shape: readonly number[], axis: number) => shape[axis - (rank - shape.length)] ?? 1;
  const shape = Array.from({ length: rank }, (_, axis) => {
    const [one, other] = [at(a, axis), at(b, axis)];
    return one === 1 ? other : one;
  });
  if (shape.reduce((size, n) => size * n, 1) > most) return undefined;
  const fits = shape.every((n, axis) => [a, b].every((one) => [1, n].includes(at(one, axis))));
  return fits ? shape : undefined;
}

/** Strides over values of one shape, row-major, as they are repeated to another. */
export function broadcastStrides(shape: readonly number[], target: readonly number[]): number[] {
  const lead = target.length - shape.length;
  const strides = rowMajorStrides(shape);
  return target.map((_, axis) => (axis < lead || shape[axis - lead] === 1 ? 0 : strides[axis - lead]));
}
