import type { AutoReport } from './auto.ts';
import { niceRange, type Tick, ticksOf } from './chart.ts';
import type { Say } from './labels.ts';
import type { Numbers } from './numbers.ts';

export interface FrontPoint {
  readonly id: number;
  readonly x: number;
  readonly y: number;
  readonly within: boolean;
  readonly onFront: boolean;
  readonly isBest: boolean;
}

/** Validation losses by nonzero weights, ready to draw: all places are pixels from the top left corner. */
export interface FrontChart {
  readonly plot: {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  };
  readonly sizeTicks: readonly Tick[];
  /** Where the baseline of their texts is. */
  readonly sizeTextY: number;
  readonly lossTicks: readonly Tick[];
  /** Where their texts end. */
  readonly lossTextX: number;
  /** Height of the highest loss within the budget. */
  readonly limit: number;
  /** In the order of the trials. */
  readonly points: readonly FrontPoint[];
  /** Points of the front, by size. */
  readonly front: readonly FrontPoint[];
  /** The loss from which on points stand at the upper edge; absent where none does. */
  readonly clippedAt?: number;
}

const margin = { left: 56, top: 10, right: 24, bottom: 24 };
const textGap = { beside: 8, under: 16 };
/** Room that a number takes on each axis. */
const apart = { sizes: 44, losses: 34 };
/** Losses further above the budget than this many times the room below it would press all others flat. */
const shownAbove = 3;

/** Lays out the trials of a search that came to something; sizes by their logarithm, as they were searched. */
export function frontChart(
  {
    trials,
    front,
    best,
    limits,
    before,
  }: Pick<AutoReport, 'trials' | 'front' | 'best' | 'limits' | 'before'>,
  { width, height }: { width: number; height: number },
  numbers: Pick<Numbers, 'quantity' | 'count'>,
): FrontChart {
  const plot = {
    left: margin.left,
    top: margin.top,
    right: width - margin.right,
    bottom: height - margin.bottom,
  };
  const tried = trials.flatMap(({ id, within, result }) => (result ? [{ id, within, ...result }] : []));
  const losses = tried.map(({ validationLoss }) => validationLoss);
  const limit = limits.validation;
  const lowest = Math.min(before.validationLoss, ...losses);
  const most = limit + shownAbove * Math.max(limit - lowest, Math.abs(limit) * 1e-3);
  const shown = [lowest, limit, ...losses.map((loss) => Math.min(loss, most))];
  const lines = Math.max(2, Math.floor((plot.bottom - plot.top) / apart.losses));
  const range = niceRange(shown, lines);
  const up = (loss: number) =>
    plot.bottom -
    ((Math.min(loss, range.high) - range.low) / (range.high - range.low)) * (plot.bottom - plot.top);
  const sizes = tried.map(({ sizes: { nonzero } }) => Math.max(1, nonzero));
  const across = logarithmic(sizes, plot.left, plot.right);
  const points = tried.map(
    ({ id, within, validationLoss }, i): FrontPoint => ({
      id,
      within,
      x: across(sizes[i]),
      y: up(validationLoss),
      onFront: front.includes(id),
      isBest: id === best,
    }),
  );
  return {
    plot,
    sizeTicks: roundSizes(sizes, across).map((size) => ({ at: across(size), text: numbers.count(size) })),
    sizeTextY: plot.bottom + textGap.under,
    lossTicks: ticksOf(range, up, numbers.quantity),
    lossTextX: plot.left - textGap.beside,
    limit: up(limit),
    points,
    front: front.flatMap((id) => points.find((point) => point.id === id) ?? []),
    ...(losses.some((loss) => loss > range.high) && { clippedAt: range.high }),
  };
}

/** Places by the logarithm, a little apart from both ends. */
function logarithmic(values: readonly number[], from: number, to: number): (value: number) => number {
  const logs = values.map(Math.log);
  const [low, high] = [Math.min(...logs), Math.max(...logs)];
  if (!(high > low)) return () => (from + to) / 2;
  const inset = (to - from) * 0.04;
  return (value) => from + inset + ((Math.log(value) - low) / (high - low)) * (to - from - 2 * inset);
}

/** Round sizes that lie among the values, as many as have room; the ends where there are none. */
function roundSizes(values: readonly number[], across: (value: number) => number): number[] {
  if (values.length === 0) return [];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const among = (factors: readonly number[]) => {
    const sizes: number[] = [];
    for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10)
      for (const factor of factors)
        if (factor * power >= low && factor * power <= high) sizes.push(factor * power);
    return sizes;
  };
  const hasRoom = (sizes: readonly number[]) =>
    sizes.every((size, i) => i === 0 || across(size) - across(sizes[i - 1]) >= apart.sizes);
  const fitting = [[1, 2, 3, 4, 5, 6, 8], [1, 2, 3, 5], [1, 2, 5], [1, 3], [1]].map(among).find(hasRoom);
  return fitting && fitting.length > 0 ? fitting : [...new Set([low, high])];
}

/** What the chart shows, in words. */
export function frontText({ trials, front }: AutoReport, say: Say, numbers: Numbers): string {
  const ends = [front.at(0), front.at(-1)].map((end) => {
    const result = trials.find(({ id }) => id === end)?.result;
    if (!result) return '';
    return say('frontPoint', {
      count: numbers.count(result.sizes.nonzero),
      loss: numbers.quantity(result.validationLoss),
    });
  });
  return say('frontChartText', { smallest: ends[0], largest: ends[1] });
}
