import { blank } from '../engine/losses/ctc.ts';
import { rowLossOf } from '../engine/losses/rowLoss.ts';
import {
  answerOf,
  isCrossEntropy,
  isOfClasses,
  isOfSequences,
  isOverlap,
  type Loss,
  partOf,
} from '../model/loss.ts';
import type { Tensor } from '../model/tensor.ts';
import { UserError } from '../protocol/userError.ts';
import { remedyFor, type StepLength, shown } from './remedy.ts';

/** So many times what nobody need fear: the loss of guessing, or of the model before it was pruned. */
const tolerance = 10;
/** So many times where it began, as the first batches may be lighter than others and the first steps rough. */
const roughness = 2;

/** What the losses of a training are held against. */
export interface LossScale {
  /** Loss of who knows nothing. */
  readonly guessing: number;
  /** Loss of the model before it was pruned, where that is known. */
  readonly dense: number | undefined;
  /** Loss of the pruned weights; where that is no number, whatever is one is better. */
  readonly pruned: number;
}

/**
 * Gives a training up at a loss that is no number, and where an epoch's mean loss, or the validation loss after it, is beyond the bound.
 * That is ten times the loss of guessing, or of the model before it was pruned: one that fits almost perfectly may get worse by a factor
 * at first and recover. How badly pruning hurt does not widen it, but a model that begins near the bound or beyond it must get the time
 * to come down, so that it is given up only at twice the loss that it began with. Whatever stays worse than it began without going so far
 * is for the report to tell.
 *
 * It does not wait for an epoch's end where that is certain before: no loss but Poisson's and the cosine's is negative, so the mean is at
 * least what was added up so far over all rows that may still count. A rough step alone stops nothing that the whole epoch would not.
 */
export class ExplosionWatch {
  readonly #scale: LossScale;
  readonly #settings: StepLength;
  #first: number | undefined;

  /** @param first loss of the very first step, where an earlier process took it */
  constructor(scale: LossScale, settings: StepLength, first?: number) {
    this.#scale = scale;
    this.#settings = settings;
    this.#first = first;
  }

  /** Loss of the very first step; undefined before it. */
  get first(): number | undefined {
    return this.#first;
  }

  /** Takes the loss of a step. Throws trainingDiverged where it is no number. */
  step(epoch: number, loss: number): void {
    this.#first ??= loss;
    if (!Number.isFinite(loss)) throw this.#diverged(epoch, loss);
  }

  /**
   * Throws trainingDiverged where an epoch's mean loss is beyond the bound.
   * @param sum of the losses of all rows so far, `rows` of them
   * @param all rows that the epoch has at most
   */
  mean(epoch: number, sum: number, rows: number, all: number): void {
    if (this.isBeyond(sum / all)) throw this.#diverged(epoch, sum / rows);
  }

  /** Throws trainingDiverged where the loss of the validation part is no number or beyond the bound. */
  validation(epoch: number, loss: number): void {
    if (this.isBeyond(loss)) throw this.#diverged(epoch, loss);
  }

  /** Whether a loss is no number, or too large to come back from. */
  isBeyond(loss: number): boolean {
    const { guessing, dense, pruned } = this.#scale;
    const began = Math.max(
      finiteOr(Number.POSITIVE_INFINITY, pruned),
      this.#first ?? Number.NEGATIVE_INFINITY,
    );
    const known = Math.max(guessing, finiteOr(guessing, dense));
    const bound = Math.max(times(tolerance, known), times(roughness, began));
    return !Number.isFinite(loss) || loss > bound;
  }

  #diverged(epoch: number, loss: number): UserError {
    const first = shown(this.#first ?? loss);
    const remedy = remedyFor(this.#settings);
    return new UserError('trainingDiverged', { epoch, loss: shown(loss), first, remedy });
  }
}

/** A loss grown to so many times its size; one below 0 by as much. */
function times(factor: number, loss: number): number {
  return loss + (factor - 1) * Math.abs(loss);
}

/** A loss, or what takes its place where it is no number. */
export function finiteOr(other: number, loss: number | undefined): number {
  return loss !== undefined && Number.isFinite(loss) ? loss : other;
}

/** Rows that targets have, masked ones too: [B, …, C], or class indices [B, …]; samples where a loss is of these. */
export function rowsOf(loss: Loss, { shape, data }: Tensor): number {
  if (partOf(loss)) return shape[0];
  return data.length / (isOfClasses(loss.name) ? 1 : loss.width);
}

/**
 * A classifier that knows nothing: ln C, for each label where it is told when that comes, or ln 2 for each yes or no; else the loss of putting out the targets' mean. Rows that hold
 * anything but numbers are left out: steps that are masked may hold what they like.
 */
export function lossOfGuessing(loss: Loss, { shape, data }: Tensor): number {
  const { weight = 1 } = loss.options ?? {};
  if (isOfSequences(loss.name)) {
    let labels = 0;
    for (const label of data) if (label !== blank) labels++;
    return (weight * labels * Math.log(loss.width)) / shape[0];
  }
  if (isCrossEntropy(loss.name))
    return weight * (answerOf(loss.name) === 'class' ? Math.log(loss.width) : Math.LN2);
  // The most that there is.
  if (isOverlap(loss.name)) return weight;
  const { width } = loss;
  if (isOfClasses(loss.name))
    return rowLossOf(loss)(new Float64Array(width).fill(1 / width), Float64Array.of(0));
  const rows: number[] = [];
  for (let at = 0; at + width <= data.length; at += width)
    if (data.subarray(at, at + width).every(Number.isFinite)) rows.push(at);
  const mean = new Float64Array(width);
  for (const at of rows) for (let c = 0; c < width; c++) mean[c] += data[at + c] / rows.length;
  const rowLoss = rowLossOf(loss);
  const sum = rows.reduce(
    (all, at) => all + rowLoss(mean.slice(), Float64Array.from(data.subarray(at, at + width))),
    0,
  );
  return rows.length === 0 ? 0 : sum / rows.length;
}
