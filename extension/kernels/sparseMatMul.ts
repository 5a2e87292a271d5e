import { sparseGradient } from './sparseGradient';
import { sparseProduct } from './sparseProduct';

/*
 * Products of a sparse matrix S [M, K] with any number of samples, which lie in panels [P][K][W], W innermost. The threads
 * share the panels, for the gradient the rows.
 */

/** out [P][M][W] = S · in + bias; `offsets` are each kept value's column times W, in bytes. */
export function sparsePanels(
  rows: i32,
  columns: i32,
  width: i32,
  panels: i32,
  starts: usize,
  values: usize,
  offsets: usize,
  input: usize,
  output: usize,
  bias: usize,
  thread: i32,
  threads: i32,
): void {
  const first = (panels * thread) / threads;
  const count = (panels * (thread + 1)) / threads - first;
  const inputStride = (<usize>columns * <usize>width) << 2;
  const outputStride = (<usize>rows * <usize>width) << 2;
  const from = input + <usize>first * inputStride;
  const to = output + <usize>first * outputStride;
  sparseProduct(
    rows,
    width,
    count,
    starts,
    values,
    offsets,
    from,
    inputStride,
    0,
    0,
    0,
    0,
    0,
    to,
    outputStride,
    bias,
    false,
  );
}

/** dS = d · xᵀ at the kept places, from panels d [P][M][W] and x [P][K][W]. */
export function sparseOuter(
  rows: i32,
  columns: i32,
  width: i32,
  panels: i32,
  starts: usize,
  indices: usize,
  gradient: usize,
  d: usize,
  x: usize,
  thread: i32,
  threads: i32,
): void {
  const run = (<usize>width) << 2;
  for (let p = 0; p < panels; p++) {
    for (let r = thread; r < rows; r += threads) {
      sparseGradient(starts + ((<usize>r) << 2), indices, gradient, d + <usize>r * run, x, run, p === 0);
    }
    d += <usize>rows * run;
    x += <usize>columns * run;
  }
}
