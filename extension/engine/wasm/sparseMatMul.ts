import { Temporary } from './recurrentMatrix.ts';
import { runtime } from './runtime.ts';
import type { SparseStructure } from './sparseStructure.ts';
import { ceil4 } from './vectors.ts';

/** x [m, in] · W [in, out], of W only the kept values; addresses. */
export interface SparseMatMul {
  readonly m: number;
  readonly structure: SparseStructure;
  /** Kept values of W [nonzero]. */
  readonly values: number;
}

/** Samples that a product takes at a time, and a gradient. */
const productWidth = 32;
const gradientWidth = 256;

/** y [m, out] = x · W + b; `bias` 0: none. */
export function sparseMultiply(
  { m, structure, values }: SparseMatMul,
  x: number,
  bias: number,
  y: number,
): void {
  const { rows, columns, nonzero } = structure;
  const { pool } = runtime();
  const width = Math.min(productWidth, ceil4(m));
  const temporary = new Temporary();
  try {
    // Wᵀ · xᵀ, whose rows are those of the transpose.
    const transpose = structure.transpose(0, rows);
    const own = temporary.allocate(4 * nonzero);
    pool.run('sparsePermute', [values, transpose.order, nonzero, own], 10 * nonzero);
    const input = intoPanels(x, m, rows, width, temporary);
    const output = temporary.allocate(4 * input.panels * width * columns);
    const offsets = structure.transposedOffsets(transpose, 4 * width);
    pool.run(
      'sparsePanels',
      [columns, rows, width, input.panels, transpose.starts, own, offsets, input.pointer, output, bias],
      2 * m * nonzero,
    );
    outOfPanels(output, m, columns, width, y);
  } finally {
    temporary.free();
  }
}

/** x [m, in] = y · Wᵀ + b: the gradient of the input, and the product with a W that is kept transposed. `bias` 0: none. */
export function sparseMultiplyTransposed(
  { m, structure, values }: SparseMatMul,
  y: number,
  bias: number,
  x: number,
): void {
  const { rows, columns, nonzero, starts } = structure;
  const width = Math.min(productWidth, ceil4(m));
  const temporary = new Temporary();
  try {
    const input = intoPanels(y, m, columns, width, temporary);
    const output = temporary.allocate(4 * input.panels * width * rows);
    const offsets = structure.offsets(4 * width);
    runtime().pool.run(
      'sparsePanels',
      [rows, columns, width, input.panels, starts, values, offsets, input.pointer, output, bias],
      2 * m * nonzero,
    );
    outOfPanels(output, m, rows, width, x);
  } finally {
    temporary.free();
  }
}

/** dW = xᵀ · dy at the kept places, [nonzero]. */
export function sparseWeightGradient(
  m: number,
  structure: SparseStructure,
  x: number,
  dy: number,
  gradient: number,
): void {
  const { rows, columns, nonzero, starts, indices } = structure;
  if (m === 0) {
    runtime().memory.floats(gradient, nonzero).fill(0);
    return;
  }
  const width = Math.min(gradientWidth, ceil4(m));
  const temporary = new Temporary();
  try {
    const left = intoPanels(x, m, rows, width, temporary);
    const right = intoPanels(dy, m, columns, width, temporary);
    runtime().pool.run(
      'sparseOuter',
      [rows, columns, width, left.panels, starts, indices, gradient, left.pointer, right.pointer],
      2 * m * nonzero,
    );
  } finally {
    temporary.free();
  }
}

/** A matrix [m, rows] as panels [P][rows][width]. */
function intoPanels(from: number, m: number, rows: number, width: number, temporary: Temporary) {
  const panels = Math.ceil(m / Math.max(1, width));
  const pointer = temporary.allocate(4 * panels * width * rows);
  if (m > 0)
    runtime().pool.run('toPanels', [from, m, 1, rows, width, panels, 0, 0, 0, pointer], 4 * m * rows);
  return { pointer, panels };
}

function outOfPanels(from: number, m: number, rows: number, width: number, to: number): void {
  const panels = Math.ceil(m / Math.max(1, width));
  if (m > 0) runtime().pool.run('fromPanels', [from, m, 1, rows, width, panels, 0, 0, to], 4 * m * rows);
}
