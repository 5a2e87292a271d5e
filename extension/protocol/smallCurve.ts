import type { SensitivityCurve, SensitivityReport } from './sensitivity.ts';

/** A curve of a table's row, ready to draw: all places are pixels from the top left corner. */
export interface SmallCurve {
  readonly points: readonly { readonly x: number; readonly y: number }[];
  /** Height of the loss as it is. */
  readonly baseline: number;
}

export interface LossRange {
  readonly low: number;
  readonly high: number;
}

/** From the lowest to the highest loss of all curves, so that those of a table can be compared. */
export function lossRange({ baseline, curves }: Pick<SensitivityReport, 'baseline' | 'curves'>): LossRange {
  const range = { low: baseline, high: baseline };
  for (const { loss } of curves.flatMap(({ points }) => points)) {
    if (loss === null) continue;
    range.low = Math.min(range.low, loss);
    range.high = Math.max(range.high, loss);
  }
  return range;
}

/** Lays out a curve from sparsity 0 at the left edge to 1 at the right; losses that are not finite are left out. */
export function smallCurve(
  { points }: Pick<SensitivityCurve, 'points'>,
  baseline: number,
  { low, high }: LossRange,
  { width, height, margin }: { width: number; height: number; margin: number },
): SmallCurve {
  const span = high > low ? high - low : 1;
  const up = (loss: number) => height - margin - ((loss - low) / span) * (height - 2 * margin);
  return {
    points: points.flatMap(({ sparsity, loss }) =>
      loss === null ? [] : [{ x: margin + sparsity * (width - 2 * margin), y: up(loss) }],
    ),
    baseline: up(baseline),
  };
}
