/*
 * What the recurrent kernels are told, as words in memory; engine/wasm/recurrentTask.ts writes the same fields in the same
 * order.
 *
 * Values lie in panels: the batch is cut into P panels of W samples, W innermost, the last one filled up with zeros.
 * A panel of R rows is [R][W]. `W` is a multiple of 4; or it is 1 (a batch of one sample), and the units are innermost.
 * Steps are in the order of computation, so that the kernels know no reversed layers.
 */

/** One of a layer's matrices, or some of its rows: [rows, columns], dense or sparse. */
@unmanaged
export class Matrix {
  sparse: i32;
  rows: i32;
  columns: i32;
  /** Dense: row-major values. Sparse: the kept values of the whole matrix, row by row. */
  values: usize;
  /** Dense: [rows/4][columns][4], and its transpose [columns/4][rows][4]. */
  packed: usize;
  packedTransposed: usize;
  /** Sparse: first value of each row, and one more; byte offset of each value's row in an input panel. */
  starts: usize;
  offsets: usize;
  /** Sparse: column of each value. */
  indices: usize;
  /** The same of the transpose. */
  startsTransposed: usize;
  offsetsTransposed: usize;
  valuesTransposed: usize;
  /** Gradient as `values`. */
  gradient: usize;
}

/** LSTM gates i, f, c, o; GRU z, r, h; then, where the reset comes after the product, the recurrent part of h; RNN h. */
export const LSTM: i32 = 0;
export const GRU: i32 = 1;
export const GRU_RESET_AFTER: i32 = 2;
export const RNN: i32 = 3;

@unmanaged
export class Task {
  cell: i32;
  steps: i32;
  panels: i32;
  width: i32;
  inputs: i32;
  units: i32;
  /** Rows of a step's gates: G·H, and H more where the reset comes after the product. */
  gateRows: i32;
  gate: i32;
  gateAlpha: f32;
  gateBeta: f32;
  activation: i32;
  activationAlpha: f32;
  activationBeta: f32;
  /** Whether all steps of gates and cell states are kept. */
  saved: i32;
  /** Slots of h in turn: T+1, or 2 where only the last one is wanted. */
  slots: i32;
  /** [T][P][I][W] */
  x: usize;
  /** [slots][P][H][W]; slot 0 is the initial state. */
  h: usize;
  /** h as it enters the recurrent matrix: `h`, or its dropped values in slots of their own. */
  dropped: usize;
  /** What recurrent dropout multiplies by [P][H][W]; 0: no dropout. */
  dropout: usize;
  /** [T or 1][P][gateRows][W]: the gates after their activations, in the backward pass the gradients before them. */
  gates: usize;
  /** LSTM: [T+1 or 1][P][H][W], and the activated states [T][P][H][W], 0: not kept. */
  c: usize;
  activated: usize;
  /** GRU, reset before the product: r·h [T or 1][P][H][W]. */
  reset: usize;
  /** Bits [T][P][W], 0 where the state is held; 0: no mask. */
  mask: usize;
  /** [G·H], filled up to whole vectors; the last one for the recurrent part of h [H]. */
  bias: usize;
  candidateBias: usize;
  kernel: Matrix;
  /** A GRU's rows of z and r only. */
  recurrent: Matrix;
  /** A GRU's rows of h. */
  candidate: Matrix;
  /** Gradient of all outputs [T][P][H][W]; 0: none. */
  dy: usize;
  /** Of the final state [P][H][W]; the backward pass leaves those of the initial one. */
  dh: usize;
  dc: usize;
  /** [P][H][W] */
  scratch: usize;
}

/**
 * Panels that go through all steps together: all, so that dense weights are read once a step; where they are sparse, so
 * many samples that their states stay in the cache.
 */
export function panelsTogether(task: Task): i32 {
  if (!task.recurrent.sparse) return max(1, task.panels);
  return max(1, 64 / task.width);
}
