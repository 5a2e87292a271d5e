import { denseGradient } from './recurrentDenseGradient';
import { Matrix, Task } from './recurrentTask';
import { Simd } from './simd';
import { sparseGradient } from './sparseGradient';

/*
 * Gradients of the weights, sums over all steps and samples: dW = Σ dz xᵀ. The steps are taken in blocks; of a block, every row of an
 * operand lies as one run of `length` floats, and every sum is a product of two such runs. Of the samples that only fill
 * the last panel a run has none but those of a whole vector, so that the order of the sums depends on the batch alone, not on
 * the panels.
 */

/**
 * Lays rows of panels out as runs: [T][P][R][W] → [blocks][R][length]. The rows are shared among the threads.
 * @param samples of the batch, whole vectors of them; 1 where the panels are one sample wide
 */
export function recurrentRuns(
  from: usize,
  rows: i32,
  panelRows: i32,
  width: i32,
  panels: i32,
  samples: i32,
  steps: i32,
  block: i32,
  to: usize,
  thread: i32,
  threads: i32,
): void {
  const length = runLength(block, samples);
  const stepStride = (<usize>panelRows * <usize>panels * <usize>width) << 2;
  const blocks = (steps + block - 1) / block;
  for (let b = 0; b < blocks; b++) {
    const count = min(block, steps - b * block);
    const source = from + <usize>(b * block) * stepStride;
    const target = to + ((<usize>b * <usize>rows * <usize>length) << 2);
    const end = (rows * (thread + 1)) / threads;
    for (let r = (rows * thread) / threads; r < end; r++) {
      const run = target + ((<usize>r * <usize>length) << 2);
      layRun(source, r, panelRows, width, panels, samples, count, run, length);
    }
  }
}

/** Floats of a run, whole vectors. */
function runLength(block: i32, samples: i32): i32 {
  return (block * samples + 3) & -4;
}

/** One row of so many steps; zeros behind it. */
function layRun(
  source: usize,
  row: i32,
  panelRows: i32,
  width: i32,
  panels: i32,
  samples: i32,
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
  const lastWide = (<usize>(samples - (panels - 1) * width)) << 2;
  for (let i = count; i > 0; i--) {
    for (let left = panels - 1; left > 0; left--, p += stride, to += wide) copyVectors(to, p, wide);
    copyVectors(to, p, lastWide);
    p += stride;
    to += lastWide;
  }
  for (; to < end; to += 16) v128.store(to, Simd.zero());
}

function copyVectors(to: usize, from: usize, bytes: usize): void {
  for (let q: usize = 0; q < bytes; q += 16) v128.store(to + q, v128.load(from + q));
}

/**
 * Gradients of the rows `from` … `to` of the gates: of the kernel's with `x` as runs, of the recurrent matrix' with `h`,
 * and the bias. Groups of four rows take turns among the threads.
 * @param kernel 0: these rows have none; else its row `kernelRow` belongs to `from`
 * @param recurrent likewise; its first row belongs to `from`
 * @param samples as `recurrentRuns` has them
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
  samples: i32,
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
  const length = runLength(block, samples);
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
        layRun(source, g + r, gateRows, width, panels, samples, count, target, length);
        const sum = bias + ((<usize>(g + r)) << 2);
        store<f32>(sum, (b === 0 ? 0 : load<f32>(sum)) + sumOf(target, run));
      }
      if (kernel) gradientOf(changetype<Matrix>(kernel), g, rows, own, xRuns, run, b === 0);
      if (recurrent) gradientOf(changetype<Matrix>(recurrent), g - from, rows, own, hRuns, run, b === 0);
    }
  }
}

/** Four sums side by side, as one alone would wait for its own additions. */
function sumOf(run: usize, bytes: usize): f32 {
  let a = Simd.zero();
  let b = a;
  let c = a;
  let d = a;
  const fours = bytes & -64;
  for (let q: usize = 0; q < fours; q += 64) {
    a = f32x4.add(a, v128.load(run + q));
    b = f32x4.add(b, v128.load(run + q, 16));
    c = f32x4.add(c, v128.load(run + q, 32));
    d = f32x4.add(d, v128.load(run + q, 48));
  }
  for (let q = fours; q < bytes; q += 16) a = f32x4.add(a, v128.load(run + q));
  return Simd.sum(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
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
