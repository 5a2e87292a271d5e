import { rowLossOf } from '../engine/losses/rowLoss.ts';
import { isCategorical, isSparse, type Loss } from '../model/loss.ts';
import type { Tensor } from '../model/tensor.ts';
import { UserError } from '../protocol/userError.ts';

/** So many times the loss of the first step, or of guessing where this is larger. */
const tolerance = 10;

/**
 * Gives a training up at a loss that is no number, and where an epoch's mean loss is beyond the bound: a model that fits almost
 * perfectly may get worse by a factor at first and recover. It does not wait for an epoch's end where that is certain before: no loss is
 * negative, so the mean is at least what was added up so far over all rows that may still count. A rough step alone stops nothing that
 * the whole epoch would not.
 */
export class ExplosionWatch {
  readonly #guessing: number;
  readonly #learningRate: number;
  #first: number | undefined;

  /** @param first loss of the very first step, where an earlier process took it */
  constructor(guessing: number, learningRate: number, first?: number) {
    this.#guessing = guessing;
    this.#learningRate = learningRate;
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
    if (this.#first === undefined) return;
    if (sum / all > tolerance * Math.max(this.#first, this.#guessing))
      throw this.#diverged(epoch, sum / rows);
  }

  /** Throws trainingDiverged where the loss of the validation part is no number. */
  validation(epoch: number, loss: number): void {
    if (!Number.isFinite(loss)) throw this.#diverged(epoch, loss);
  }

  #diverged(epoch: number, loss: number): UserError {
    return divergedError(epoch, loss, this.#first ?? loss, this.#learningRate);
  }
}

/** Rows that the targets have, masked ones too: [B, …, C], or class indices [B, …]. */
export function rowsOf({ name, width }: Loss, { data }: Tensor): number {
  return data.length / (isSparse(name) ? 1 : width);
}

/**
 * A classifier that knows nothing: ln C, or ln 2 for each yes or no; else the loss of putting out the targets' mean. Rows that hold
 * anything but numbers are left out: steps that are masked may hold what they like.
 */
export function lossOfGuessing(loss: Loss, { data }: Tensor): number {
  if (isCategorical(loss.name)) return Math.log(loss.width);
  if (loss.name === 'binary_crossentropy') return Math.LN2;
  const { width } = loss;
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

/** Says in which epoch it happened, and what to try. */
export function divergedError(epoch: number, loss: number, first: number, learningRate: number): UserError {
  const rate = shown(learningRate / 10);
  return new UserError('trainingDiverged', { epoch, loss: shown(loss), first: shown(first), rate });
}

/** As text: what numbers of a message are rounded to suits counts. */
function shown(value: number): string {
  return String(Number(value.toPrecision(4)));
}
