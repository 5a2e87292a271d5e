import type { Tensor } from '../../model/tensor.ts';

/** How targets stand to outputs [B, …, C]. Outputs [B], or with a free last axis, are rows of one value. */
export interface TargetForm {
  /** C */
  readonly width: number;
  /** One value an output: the same shape; with C = 1 also an axis less or more. */
  readonly values: boolean;
  /** One value a row: an axis less, or a trailing 1. */
  readonly rows: boolean;
}

type Shape = readonly (number | null)[];

export function targetForm(output: Shape, targets: Shape): TargetForm {
  const last = output.length > 1 ? (output.at(-1) ?? null) : null;
  const width = last ?? 1;
  const leading = last === null ? output : output.slice(0, -1);
  const rows = agrees(targets, leading) || agrees(targets, [...leading, 1]);
  return { width, values: agrees(targets, [...leading, width]) || (width === 1 && rows), rows };
}

/** Batch sizes may differ: the output's is that of the graph. */
function agrees(shape: Shape, expected: Shape): boolean {
  if (shape.length !== expected.length) return false;
  return shape.every(
    (n, axis) => axis === 0 || expected[axis] === null || n === null || n === expected[axis],
  );
}

export function allWhole({ data }: Tensor): boolean {
  return data instanceof Int32Array || data.every(Number.isInteger);
}

export function allZeroOrOne({ data }: Tensor): boolean {
  return data.every((value: number) => value === 0 || value === 1);
}

/** Every row of `width` values is one 1 among zeros. */
export function allOneHot(tensor: Tensor, width: number): boolean {
  if (!allZeroOrOne(tensor)) return false;
  const { data } = tensor;
  for (let at = 0; at < data.length; at += width) {
    let ones = 0;
    for (let c = 0; c < width; c++) ones += data[at + c];
    if (ones !== 1) return false;
  }
  return true;
}
