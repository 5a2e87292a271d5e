import type { Message } from './messages.ts';
import type { DataOptions, EngineChoice, Recipe } from './recipe.ts';
import type { DataSummary, GateName } from './report.ts';

/** Sparsities at which losses are measured where nothing is said. */
export const defaultLevels: readonly number[] = [0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99];

/** A rise of the loss that is less than this share of it counts as none. */
export const harmlessRise = 0.01;

/** Keys of a recipe that say by what weights are judged, whatever is pruned. */
export const judgingKeys = [
  'criterion',
  'granularity',
  'block',
  'bank',
  'keepDiagonal',
  'regrowZeros',
  'include',
  'exclude',
  'samples',
  'seed',
] as const satisfies readonly (keyof Recipe)[];

/** How the sensitivity of a model is measured. Every key is also a flag of the command line. */
export interface SensitivityOptions
  extends DataOptions,
    EngineChoice,
    Pick<Recipe, (typeof judgingKeys)[number]> {
  /** Ascending sparsities above 0; absent: the defaults. */
  levels?: number[];
}

/** The loss with one part of a model pruned alone: a gate of a matrix; a whole matrix where it has no gates; a layer of hidden units. */
export interface SensitivityRow {
  layer: string;
  /** Absent of what has none. */
  gate?: GateName;
  /** Absent of a layer of hidden units. */
  matrix?: string;
  sparsity: number;
  loss: MeasuredLoss;
}

/** Null where it is not finite, which JSON has no number for. */
export type MeasuredLoss = number | null;

export interface SensitivityPoint {
  sparsity: number;
  loss: MeasuredLoss;
}

/** How the loss rises as one part of a model is pruned and all else stays as it is. */
export interface SensitivityCurve {
  /** `lstm_1/kernel/i` of a gate; `lstm_1/kernel` of a matrix with all its gates; `lstm_1` of a layer. */
  name: string;
  layer: string;
  /** Absent of a whole layer. */
  matrix?: string;
  /** Absent of a whole matrix or layer. */
  gate?: GateName;
  /** Number of prunable weights, zeros included. */
  weights: number;
  /** Ascending; the first at sparsity 0, with the loss of the model as it is. */
  points: SensitivityPoint[];
  /**
   * Between the curve and the loss of the model as it is, over the sparsity: the mean rise times the highest sparsity. Null where a loss is
   * not finite.
   */
  area: number | null;
  /** The highest sparsity up to which the loss rises by less than `harmlessRise` of itself; 0 where it does so at once. */
  harmless: number;
}

/** What data tells of the hidden units of a layer; units are numbered from 0. */
export interface LayerFindings {
  layer: string;
  /** |h| never reaches the limit. */
  deadUnits: number[];
  /** In canonical order. */
  gates: GateFindings[];
}

export interface GateFindings {
  gate: GateName;
  /** Units whose activation hardly varies, so that a bias could take its place, and the mean of each. */
  constantUnits: number[];
  constantValues: number[];
  /** Of a gate from 0 to 1: how often it is shut or open, over all units and steps, and the units that always are one of both. */
  saturation?: { low: number; high: number; units: number[] };
}

export interface DataFindings {
  samples: number;
  limits: FindingLimits;
  layers: LayerFindings[];
}

/** What counts as what. */
export interface FindingLimits {
  /** A unit whose |h| never reaches it is dead. */
  silent: number;
  /** A gate whose standard deviation is below it is constant. */
  constant: number;
  /** A gate below the first or above the second is saturated. */
  low: number;
  high: number;
  /** Share of the steps from which on a unit's gate counts as always saturated. */
  always: number;
}

export interface SensitivityReport {
  model: string;
  /** Loss of the model as it is. */
  baseline: number;
  lossName: string;
  levels: number[];
  /** Every gate of every matrix at every level, and every part that has no gates; what is ranked, in canonical order. */
  rows: SensitivityRow[];
  /** The same as curves, and those of whole matrices and layers, in canonical order. */
  curves: SensitivityCurve[];
  findings: DataFindings;
  /** Settings that reproduce this result. */
  options: SensitivityOptions;
  data: DataSummary;
  engine: string;
  seconds: number;
  notes: Message[];
}

/** The most sensitive first, those before all whose loss is not finite somewhere; equals in canonical order. */
export function ranked(curves: readonly SensitivityCurve[]): SensitivityCurve[] {
  const weight = ({ area }: SensitivityCurve) => area ?? Infinity;
  return curves.toSorted((a, b) => (weight(a) === weight(b) ? 0 : weight(b) - weight(a)));
}

/** Curves of single parts: gates, and what has none; where there are only whole layers, as of hidden units, those. */
export function finestCurves<T extends Pick<SensitivityCurve, 'name'>>(curves: readonly T[]): T[] {
  const split = (curve: T) =>
    curves.some(({ name }) => name !== curve.name && name.startsWith(`${curve.name}/`));
  return curves.filter((curve) => !split(curve));
}

/** The points before the first whose loss is not finite. */
export function finitePoints(points: readonly SensitivityPoint[]): { sparsity: number; loss: number }[] {
  const finite: { sparsity: number; loss: number }[] = [];
  for (const { sparsity, loss } of points) {
    if (loss === null) break;
    finite.push({ sparsity, loss });
  }
  return finite;
}

/** ∫ loss − baseline over the sparsity, by the trapezoidal rule; negative where pruning helps, null where a loss is not finite. */
export function areaOf(points: readonly SensitivityPoint[]): number | null {
  const finite = finitePoints(points);
  if (finite.length < points.length) return null;
  const [{ loss: baseline }] = finite;
  let area = 0;
  for (const [i, { sparsity, loss }] of finite.entries()) {
    if (i === 0) continue;
    const before = finite[i - 1];
    area += (sparsity - before.sparsity) * ((loss + before.loss) / 2 - baseline);
  }
  return area;
}

/** The highest sparsity up to which no point's loss is higher by `harmlessRise` or more. */
export function harmlessUpTo(points: readonly SensitivityPoint[]): number {
  const [{ loss: baseline }, ...others] = finitePoints(points);
  const limit = baseline + harmlessRise * Math.abs(baseline);
  let harmless = 0;
  for (const { sparsity, loss } of others) {
    if (!(loss < limit)) break;
    harmless = sparsity;
  }
  return harmless;
}
