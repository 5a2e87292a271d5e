import { niceRange, niceStep, type Tick, ticksOf } from './chart.ts';
import type { Numbers } from './numbers.ts';
import type { FinetuneEpoch } from './report.ts';

export interface CurvePoint {
  readonly epoch: number;
  readonly x: number;
  readonly y: number;
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
  const range = niceRange(losses, Math.max(2, Math.floor((plot.bottom - plot.top) / apart.losses)));
  const { low, high } = range;
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
  return {
    width,
    height,
    plot,
    epochTextY: plot.bottom + textGap.under,
    lossTextX: plot.left - textGap.beside,
    epochTicks: spaced.map((epoch) => ({ at: across(epoch), text: numbers.count(epoch) })),
    lossTicks: ticksOf(range, up, numbers.quantity),
    training: points(({ loss }) => loss),
    validation: points(({ validationLoss }) => validationLoss),
  };
}

/** The points that are marked on their line: all, or none where there are many. */
export function markedPoints(points: readonly CurvePoint[]): readonly CurvePoint[] {
  return points.length > mostPoints ? [] : points;
}

/** Where the validation loss of an epoch stands; undefined where it is none, as that of the pruned weights. */
export function validationPoint({ validation }: Curve, epoch: number): CurvePoint | undefined {
  return validation.find((point) => point.epoch === epoch);
}
