import type { Tensor } from '../model/tensor.ts';
import type { Column } from './csvColumns.ts';
import { tailStart } from './split.ts';

/** How samples are cut from a series: window t has x = rows t…t+W−1 and y = row t+W−1+horizon. */
export interface Windowing {
  /** W: rows in x. */
  readonly window: number;
  readonly horizon: number;
  /** Rows between the starts of two windows. */
  readonly stride: number;
}

/** floor((N − W − horizon) / stride) + 1 windows in N rows; 0 where not even one fits. */
export function windowCount(rows: number, { window, horizon, stride }: Windowing): number {
  const spare = rows - window - horizon;
  return spare < 0 ? 0 : Math.floor(spare / stride) + 1;
}

/** Rows from the first of the first to the target of the last of `count` windows. */
export function rowsNeeded(count: number, { window, horizon, stride }: Windowing): number {
  return count === 0 ? 0 : (count - 1) * stride + window + horizon;
}

/** How many windows before window `start` share no row with it, and so with none behind it. */
export function windowsApart(start: number, windowing: Windowing): number {
  return windowCount(start * windowing.stride, windowing);
}

/** How many of `count` windows are for training where the last 20 % are reported, so that no reported value was seen in training. */
export function trainingWindows(count: number, windowing: Windowing): number {
  return windowsApart(tailStart(count), windowing);
}

/** Windows `from` up to `to` as x [n, W, columns] and y [n, columns]; y of whole numbers is int32. */
export function cutWindows(
  x: readonly Column[],
  y: readonly Column[],
  { window, horizon, stride }: Windowing,
  { from, to }: { readonly from: number; readonly to: number },
): { readonly x: Tensor; readonly y: Tensor } {
  const count = to - from;
  const inputs = new Float32Array(count * window * x.length);
  const targets = new Float64Array(count * y.length);
  let xAt = 0;
  let yAt = 0;
  for (let t = from; t < to; t++) {
    const start = t * stride;
    for (let row = start; row < start + window; row++)
      for (const { values } of x) inputs[xAt++] = values[row];
    for (const { values } of y) targets[yAt++] = values[start + window - 1 + horizon];
  }
  return {
    x: { shape: [count, window, x.length], data: inputs },
    y: {
      shape: [count, y.length],
      data: isInt32(targets) ? new Int32Array(targets) : new Float32Array(targets),
    },
  };
}

function isInt32(values: Float64Array): boolean {
  return values.every((value) => value === (value | 0));
}
