import { niceRange, type Tick, ticksOf } from './chart.ts';
import type { Say } from './labels.ts';
import type { Numbers } from './numbers.ts';
import type { GateName } from './report.ts';
import { finestCurves, type SensitivityCurve, type SensitivityReport } from './sensitivity.ts';

/** The curves that are drawn together: the gates of one matrix, or what has none. */
export interface ChartGroup {
  readonly layer: string;
  readonly matrix?: string;
  readonly curves: readonly SensitivityCurve[];
}

/** A chart for each matrix with its gates, and one for each part without, in canonical order. */
export function chartGroups({ curves }: SensitivityReport): ChartGroup[] {
  const groups = new Map<string, { layer: string; matrix?: string; curves: SensitivityCurve[] }>();
  for (const curve of finestCurves(curves)) {
    const { layer, matrix } = curve;
    const key = `${layer}\n${matrix ?? ''}`;
    const group = groups.get(key) ?? { layer, ...(matrix !== undefined && { matrix }), curves: [] };
    group.curves.push(curve);
    groups.set(key, group);
  }
  return [...groups.values()];
}

export interface ChartSeries {
  /** Absent of what has no gates. */
  readonly gate?: GateName;
  readonly points: readonly { readonly sparsity: number; readonly x: number; readonly y: number }[];
}

/** Losses by sparsity, ready to draw: all places are pixels from the top left corner. */
export interface SensitivityChart {
  readonly plot: {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  };
  readonly sparsityTicks: readonly Tick[];
  /** Where the baseline of their texts is. */
  readonly sparsityTextY: number;
  readonly lossTicks: readonly Tick[];
  /** Where their texts end. */
  readonly lossTextX: number;
  /** Height of the loss as it is. */
  readonly baseline: number;
  readonly series: readonly ChartSeries[];
}

const margin = { left: 56, top: 10, right: 24, bottom: 24 };
const textGap = { beside: 8, under: 16 };
/** Room that a number on the axis of losses takes. */
const lossesApart = 34;
const sparsities = [0, 0.25, 0.5, 0.75, 1];

/** Lays out the curves of a group; losses that are not finite are left out. */
export function sensitivityChart(
  curves: readonly SensitivityCurve[],
  baseline: number,
  { width, height }: { width: number; height: number },
  numbers: Pick<Numbers, 'quantity' | 'percent'>,
): SensitivityChart {
  const plot = {
    left: margin.left,
    top: margin.top,
    right: width - margin.right,
    bottom: height - margin.bottom,
  };
  const losses = curves
    .flatMap(({ points }) => points.map(({ loss }) => loss))
    .filter((loss) => loss !== null);
  const lines = Math.max(2, Math.floor((plot.bottom - plot.top) / lossesApart));
  const range = niceRange(losses, lines);
  const across = (sparsity: number) => plot.left + sparsity * (plot.right - plot.left);
  const up = (loss: number) =>
    plot.bottom - ((loss - range.low) / (range.high - range.low)) * (plot.bottom - plot.top);
  return {
    plot,
    sparsityTicks: sparsities.map((sparsity) => ({ at: across(sparsity), text: numbers.percent(sparsity) })),
    sparsityTextY: plot.bottom + textGap.under,
    lossTicks: ticksOf(range, up, numbers.quantity),
    lossTextX: plot.left - textGap.beside,
    baseline: up(baseline),
    series: curves.map(({ gate, points }) => ({
      ...(gate !== undefined && { gate }),
      points: points.flatMap(({ sparsity, loss }) =>
        loss === null ? [] : [{ sparsity, x: across(sparsity), y: up(loss) }],
      ),
    })),
  };
}

/** What a chart is of: one of a recurrent layer's matrices, or what has no gates by its own name. */
export function matrixText({ layer, matrix, curves }: ChartGroup, say: Say): string {
  const isGated = curves.some(({ gate }) => gate !== undefined);
  return isGated && (matrix === 'kernel' || matrix === 'recurrent') ? say(matrix) : (matrix ?? layer);
}
