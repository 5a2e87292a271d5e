import type { Numbers } from './numbers.ts';
import type { FinetuneEpoch } from './report.ts';

export interface CurvePoint {
  readonly epoch: number;
  readonly x: number;
  readonly y: number;
}

export interface Tick {
  /** Where it stands along its axis. */
  readonly at: number;
  readonly text: string;
}

/** A chart of losses by epoch, ready to draw: all places are pixels from the top left corner. */
export interface Curve {
  readonly width: number;
  readonly height: number;
  readonly plot: {
    readonly left: number;
    readonly top: number;
    readonly right: number;
    readonly bottom: number;
  };
  readonly epochTicks: readonly Tick[];
  /** Where the baseline of their texts is. */
  readonly epochTextY: number;
  readonly lossTicks: readonly Tick[];
  /** Where their texts end. */
  readonly lossTextX: number;
  readonly training: readonly CurvePoint[];
  readonly validation: readonly CurvePoint[];
}

const margin = { left: 56, top: 10, right: 14, bottom: 24 };
/** Room that a number takes on each axis. */
const apart = { epochs: 44, losses: 34 };
/** From the plot to a number beside or under it. */
const textGap = { beside: 8, under: 16 };
/** With more epochs the points would run into each other. */
const mostPoints = 60;

/** Lays out training and validation loss of at least one epoch; losses that are no numbers are left out. */
export function curveOf(
  epochs: readonly FinetuneEpoch[],
  { width, height }: { width: number; height: number },
  numbers: Pick<Numbers, 'quantity' | 'count'>,
): Curve {
  const plot = {
    left: margin.left,
    top: margin.top,
    right: width - margin.right,
    bottom: height - margin.bottom,
  };
  const first = epochs[0].epoch;
  const span = Math.max(1, epochs[epochs.length - 1].epoch - first);
  const across = (epoch: number) =>
    epochs.length === 1
      ? (plot.left + plot.right) / 2
      : plot.left + ((epoch - first) / span) * (plot.right - plot.left);
  const losses = epochs.flatMap(({ loss, validationLoss }) => [loss, validationLoss]).filter(Number.isFinite);
  const { low, high, step } = niceRange(
    losses,
    Math.max(2, Math.floor((plot.bottom - plot.top) / apart.losses)),
  );
  const up = (loss: number) => plot.bottom - ((loss - low) / (high - low)) * (plot.bottom - plot.top);
  const points = (pick: (epoch: FinetuneEpoch) => number) =>
    epochs
      .filter((epoch) => Number.isFinite(pick(epoch)))
      .map((epoch) => ({ epoch: epoch.epoch, x: across(epoch.epoch), y: up(pick(epoch)) }));
  const room = Math.max(1, Math.floor((plot.right - plot.left) / apart.epochs));
  const stride = Math.max(1, niceStep((span + 1) / room));
  const shown = epochs.map(({ epoch }) => epoch).filter((epoch) => epoch === first || epoch % stride === 0);
  // The first stands close to the next where the stride is wide.
  const spaced = shown.filter(
    (epoch, i) => i !== 0 || shown.length === 1 || stride === 1 || shown[1] - epoch >= stride / 2,
  );
  const lines = Math.round((high - low) / step);
  return {
    width,
    height,
    plot,
    epochTextY: plot.bottom + textGap.under,
    lossTextX: plot.left - textGap.beside,
    epochTicks: spaced.map((epoch) => ({ at: across(epoch), text: numbers.count(epoch) })),
    lossTicks: Array.from({ length: lines + 1 }, (_, i) => {
      const loss = low + i * step;
      // Sums of decimal steps miss 0 by an ulp.
      return { at: up(loss), text: numbers.quantity(Math.abs(loss) < step / 1e6 ? 0 : loss) };
    }),
    training: points(({ loss }) => loss),
    validation: points(({ validationLoss }) => validationLoss),
  };
}

/** The data of an SVG path through all points. */
export function linePath(points: readonly CurvePoint[]): string {
  return points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('');
}

/** The points that are marked on their line: all, or none where there are many. */
export function markedPoints(points: readonly CurvePoint[]): readonly CurvePoint[] {
  return points.length > mostPoints ? [] : points;
}

/** Where the validation loss of an epoch stands; undefined where it is none, as that of the pruned weights. */
export function validationPoint({ validation }: Curve, epoch: number): CurvePoint | undefined {
  return validation.find((point) => point.epoch === epoch);
}

/** A range around all values whose ends and at most `lines` steps are round. */
function niceRange(values: readonly number[], lines: number): { low: number; high: number; step: number } {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  if (least > most) [least, most] = [0, 1];
  // A curve that is flat lies in the middle.
  if (most - least <= Math.abs(most) * 1e-9) [least, most] = [least - spread(least), most + spread(most)];
  // One step more than asked for may be needed where the ends are not round; the next size has room enough.
  const ends = (step: number) => ({
    low: Math.floor(least / step + 1e-9) * step,
    high: Math.ceil(most / step - 1e-9) * step,
    step,
  });
  const range = ends(niceStep((most - least) / lines));
  return Math.round((range.high - range.low) / range.step) <= lines
    ? range
    : ends(niceStep(range.step * 1.5));
}

function spread(value: number): number {
  return value === 0 ? 1 : Math.abs(value) / 10;
}

/** The least of 1, 2 and 5 times a power of ten that is not below. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((one) => one * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}
