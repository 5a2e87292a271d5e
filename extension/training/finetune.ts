import type { TrainingState } from '../engine/session.ts';
import type { Parameter } from '../model/parameter.ts';
import type { FinetuneEpoch, FinetuneReport } from '../protocol/report.ts';
import type { FinetuneProgress } from '../protocol/requests.ts';
import { runEpoch } from './epoch.ts';
import { ExplosionWatch, finiteOr, type LossScale } from './exploding.ts';
import type { FinetuneTask } from './finetuneTask.ts';
import { TrainingClock } from './trainingClock.ts';
import { validationLoss } from './validate.ts';

export type Weights = ReadonlyMap<Parameter, Float32Array>;

/** All that the rest of a training depends on, after a whole epoch. */
export interface Snapshot {
  readonly state: TrainingState;
  readonly epochs: readonly FinetuneEpoch[];
  /** Validation loss of the pruned weights; may be no number. */
  readonly before: number;
  /** Loss of the very first step. */
  readonly firstLoss: number;
  /** Of the epoch with the lowest validation loss; empty where none bettered the pruned weights. */
  readonly best: Weights;
}

export interface FinetuneHooks {
  /** Zeros / size of the prunable weights. */
  sparsity(weights: Weights): number;
  /** Called before each step, with the share of all work that is done; throws to give up. */
  step(progress: FinetuneProgress, done: number): Promise<void>;
  /** Called after each whole epoch but the last. */
  keep?(snapshot: Snapshot): Promise<void>;
  /** Ends the training; the best weights so far are taken. */
  readonly finish?: AbortSignal | undefined;
}

export interface FinetuneResult
  extends Pick<FinetuneReport, 'epochs' | 'validationLossBefore' | 'best' | 'kept' | 'stopped'> {
  /** Empty where the pruned weights are kept. */
  readonly weights: Weights;
}

/**
 * Trains for some epochs, or until the validation loss has not fallen for `patience` of them. With patience, or where it was ended by
 * hand, the weights are those of the best epoch, or the pruned ones where none bettered them; else, as with Keras, those of the last.
 * Throws trainingDiverged.
 * @param from where an unbroken training would be; the session has its state already
 */
export async function finetune(
  task: FinetuneTask,
  hooks: FinetuneHooks,
  from?: Snapshot,
): Promise<FinetuneResult> {
  const { session, settings } = task;
  const epochs = [...(from?.epochs ?? [])];
  let best: Weights = from?.best ?? new Map();
  const reporter = new Reporter(task, hooks, epochs, hooks.sparsity(await session.weights()));
  const before = from?.before ?? (await validationLoss(task, () => reporter.training(0)));
  reporter.before = before;
  const scale: LossScale = { guessing: task.guessing, dense: task.dense, pruned: before };
  const watch = new ExplosionWatch(scale, settings, from?.firstLoss);
  const done = () => epochs.length >= settings.epochs || isEarly(epochs, settings.patience);
  let whole = true;

  while (!done() && !hooks.finish?.aborted) {
    const epoch = epochs.length + 1;
    const start = performance.now();
    const trained = await runEpoch(task, epoch, watch, hooks.finish, reporter.training);
    if (!trained) break;
    ({ whole } = trained);
    const measured = await validationLoss(task, reporter.validation(trained.loss));
    // What was ended by hand keeps what was better.
    if (!whole && watch.isBeyond(measured)) break;
    watch.validation(epoch, measured);
    const weights = await session.weights();
    reporter.sparsity = hooks.sparsity(weights);
    epochs.push({
      epoch,
      loss: trained.loss,
      validationLoss: measured,
      sparsity: reporter.sparsity,
      seconds: (performance.now() - start) / 1000,
      learningRate: trained.learningRate,
    });
    if (bestOf(epochs, before) === epoch) best = weights;
    if (whole && !done()) {
      const firstLoss = watch.first ?? trained.loss;
      await hooks.keep?.({ state: await session.state(), epochs: [...epochs], before, firstLoss, best });
    }
  }

  const stopped = whole && done() ? (epochs.length < settings.epochs ? 'early' : 'done') : 'cancelled';
  const takesBest = settings.patience !== undefined || hooks.finish?.aborted === true;
  const bestEpoch = bestOf(epochs, before);
  const kept = takesBest ? bestEpoch : epochs.length;
  const weights = takesBest ? best : await session.weights();
  return { epochs, validationLossBefore: before, best: bestEpoch, kept, stopped, weights };
}

/** Tells how far a training is, from within its epochs. */
class Reporter {
  /** Of the present weights, as far as they were looked at. */
  sparsity: number;
  /** Validation loss of the pruned weights, once it is known. */
  before: number | undefined;
  readonly #epochs: readonly FinetuneEpoch[];
  readonly #all: number;
  readonly #hooks: FinetuneHooks;
  readonly #clock: TrainingClock;

  /** @param epochs those that are done; they become more */
  constructor(task: FinetuneTask, hooks: FinetuneHooks, epochs: readonly FinetuneEpoch[], sparsity: number) {
    const { settings, train, validation } = task;
    this.sparsity = sparsity;
    this.#epochs = epochs;
    this.#all = settings.epochs;
    this.#hooks = hooks;
    this.#clock = new TrainingClock(settings.epochs, train.count, validation.count, epochs.length);
  }

  readonly training = (share: number, loss?: number): Promise<void> => this.#tell('train', share, loss);

  validation(loss: number): (share: number) => Promise<void> {
    return (share) => this.#tell('validate', share, loss);
  }

  #tell(part: 'train' | 'validate', share: number, loss: number | undefined): Promise<void> {
    const epochs = this.#epochs;
    const last = epochs.at(-1);
    const secondsLeft = this.#clock.secondsLeft(epochs.length, part, share);
    const progress: FinetuneProgress = {
      epoch: epochs.length + 1,
      epochs: this.#all,
      ...(loss !== undefined && { loss }),
      ...(last && { validationLoss: last.validationLoss }),
      ...(this.before !== undefined && bestSoFar(epochs, this.before)),
      sparsity: this.sparsity,
      ...(secondsLeft !== undefined && { secondsLeft }),
    };
    return this.#hooks.step(progress, this.#clock.done(epochs.length, part, share));
  }
}

/** The epoch with the lowest validation loss, the first of equals; 0 where none has less than `before`, if that is a number. */
function bestOf(epochs: readonly FinetuneEpoch[], before: number): number {
  let [best, lowest] = [0, finiteOr(Number.POSITIVE_INFINITY, before)];
  for (const { epoch, validationLoss } of epochs)
    if (validationLoss < lowest) [best, lowest] = [epoch, validationLoss];
  return best;
}

function bestSoFar(
  epochs: readonly FinetuneEpoch[],
  before: number,
): Pick<FinetuneProgress, 'bestEpoch' | 'bestValidationLoss'> {
  const bestEpoch = bestOf(epochs, before);
  const loss = epochs[bestEpoch - 1]?.validationLoss ?? before;
  return Number.isFinite(loss) ? { bestEpoch, bestValidationLoss: loss } : {};
}

/** As with Keras, the epochs are compared with each other; a training that begins worse than the pruned weights may still get better. */
function isEarly(epochs: readonly FinetuneEpoch[], patience: number | undefined): boolean {
  const { length } = epochs;
  return (
    patience !== undefined && length > 0 && length - bestOf(epochs, Number.POSITIVE_INFINITY) >= patience
  );
}
