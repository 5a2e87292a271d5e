import { denseGradient } from './recurrentDenseGradient';
import { Matrix, Task } from './recurrentTask';
import { Simd } from './simd';
import { sparseGradient } from './sparseGradient';

/*
 * Gradients of the weights, sums over all steps and samples: dW = Σ dz xᵀ. The steps are taken in blocks; of a block, every row of an
 * operand lies as one run of `length` floats, and every sum is a product of two such runs. The order of the sums depends
 * on the batch alone.
 */

/**
 * Lays rows of panels out as runs: [T][P][R][W] → [blocks][R][length]. The rows are shared among the threads.
 * @param stepStride from one step to the next, bytes
 */
export function recurrentRuns(
  from: usize,
  rows: i32,
  panelRows: i32,
  width: i32,
  panels: i32,
  steps: i32,
  block: i32,
  to: usize,
  thread: i32,
  threads: i32,
): void {
  const length = runLength(block, panels, width);
  const stepStride = (<usize>panelRows * <usize>panels * <usize>width) << 2;
  const blocks = (steps + block - 1) / block;
  for (let b = 0; b < blocks; b++) {
    const count = min(block, steps - b * block);
    const source = from + <usize>(b * block) * stepStride;
    const target = to + ((<usize>b * <usize>rows * <usize>length) << 2);
    const end = (rows * (thread + 1)) / threads;
    for (let r = (rows * thread) / threads; r < end; r++) {
      layRun(source, r, panelRows, width, panels, count, target + ((<usize>r * <usize>length) << 2), length);
    }
  }
}

/** Floats of a run, whole vectors. */
function runLength(block: i32, panels: i32, width: i32): i32 {
  return (block * panels * width + 3) & -4;
}

/** One row of so many steps; zeros behind it. */
function layRun(
  source: usize,
  row: i32,
  panelRows: i32,
  width: i32,
  panels: i32,
  count: i32,
  target: usize,
  length: i32,
): void {
  const wide = (<usize>width) << 2;
  const stride = <usize>panelRows * wide;
  let p = source + <usize>row * wide;
  let to = target;
  const end = target + ((<usize>length) << 2);
  if (width === 1) {
    for (let i = 0; i < count; i++, p += stride, to += 4) store<f32>(to, load<f32>(p));
    for (; to < end; to += 4) store<f32>(to, 0);
    return;
  }
  for (let i = count * panels; i > 0; i--, p += stride) {
    for (let j: usize = 0; j < wide; j += 16, to += 16) v128.store(to, v128.load(p + j));
  }
  for (; to < end; to += 16) v128.store(to, Simd.zero());
}

/**
 * Gradients of the rows `from` … `to` of the gates: of the kernel's with `x` as runs, of the recurrent matrix' with `h`,
 * and the bias. Groups of four rows take turns among the threads.
 * @param kernel 0: these rows have none; else its row `kernelRow` belongs to `from`
 * @param recurrent likewise; its first row belongs to `from`
 * @param bias [gateRows], complete sums
 * @param scratch 4 runs for each thread
 */
export function recurrentGradient(
  task: Task,
  from: i32,
  to: i32,
  kernel: usize,
  x: usize,
  recurrent: usize,
  h: usize,
  block: i32,
  bias: usize,
  scratch: usize,
  thread: i32,
  threads: i32,
): void {
  const width = task.width;
  const panels = task.panels;
  const steps = task.steps;
  const gateRows = task.gateRows;
  const length = runLength(block, panels, width);
  const run = (<usize>length) << 2;
  const own = scratch + <usize>thread * 4 * run;
  const stepStride = (<usize>gateRows * <usize>panels * <usize>width) << 2;
  const blocks = (steps + block - 1) / block;
  const inputs = <usize>task.inputs;
  const units = <usize>task.units;
  for (let b = 0; b < blocks; b++) {
    const count = min(block, steps - b * block);
    const source = task.gates + <usize>(b * block) * stepStride;
    const xRuns = x + <usize>b * inputs * run;
    const hRuns = h + <usize>b * units * run;
    for (let g = from + 4 * thread; g < to; g += 4 * threads) {
      const rows = min(4, to - g);
      for (let r = 0; r < rows; r++) {
        const target = own + <usize>r * run;
        layRun(source, g + r, gateRows, width, panels, count, target, length);
        const sum = bias + ((<usize>(g + r)) << 2);
        store<f32>(sum, (b === 0 ? 0 : load<f32>(sum)) + sumOf(target, run));
      }
      if (kernel) gradientOf(changetype<Matrix>(kernel), g, rows, own, xRuns, run, b === 0);
      if (recurrent) gradientOf(changetype<Matrix>(recurrent), g - from, rows, own, hRuns, run, b === 0);
    }
  }
}

function sumOf(run: usize, bytes: usize): f32 {
  let a = Simd.zero();
  for (let q: usize = 0; q < bytes; q += 16) a = f32x4.add(a, v128.load(run + q));
  return Simd.sum(a);
}

function gradientOf(m: Matrix, row: i32, rows: i32, d: usize, x: usize, run: usize, first: bool): void {
  if (m.sparse) {
    for (let r = 0; r < rows; r++) {
      const starts = m.starts + ((<usize>(row + r)) << 2);
      sparseGradient(starts, m.indices, m.gradient, d + <usize>r * run, x, run, first);
    }
  } else {
    const gradient = m.gradient + ((<usize>row * <usize>m.columns) << 2);
    denseGradient(rows, m.columns, gradient, d, x, run, first);
  }
}
