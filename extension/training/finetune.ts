import type { TrainingState } from '../engine/session.ts';
import type { Parameter } from '../model/parameter.ts';
import type { FinetuneEpoch, FinetuneReport } from '../protocol/report.ts';
import type { FinetuneProgress } from '../protocol/requests.ts';
import { bestOf, isEarly } from './bestEpoch.ts';
import { type EpochHooks, runEpoch } from './epoch.ts';
import { ExplosionWatch, type LossScale } from './exploding.ts';
import type { FinetuneTask } from './finetuneTask.ts';
import { type MaskChange, type MaskState, type Masks, takeUp } from './maskSchedule.ts';
import { Reporter } from './reporter.ts';
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
  /** The masks of the best weights, where masks change. */
  readonly bestMasks?: Masks | undefined;
  /** What the masks have come to, where they change. */
  readonly schedule?: MaskState | undefined;
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
  /** Of these weights, where masks changed. */
  readonly masks?: Masks | undefined;
}

/**
 * Trains for some epochs, or until the validation loss has not fallen for `patience` of them. With patience, or where it was ended by
 * hand, the weights are those of the best epoch, or the pruned ones where none bettered them; else, as with Keras, those of the last.
 * Where a schedule changes the masks, only epochs count at whose end all is gone that is to go; one that is ended by hand before loses
 * the rest then. Throws trainingDiverged.
 * @param from where an unbroken training would be; the session has its state already
 */
export async function finetune(
  task: FinetuneTask,
  hooks: FinetuneHooks,
  from?: Snapshot,
): Promise<FinetuneResult> {
  const { session, settings, schedule } = task;
  const epochs = [...(from?.epochs ?? [])];
  let [best, bestMasks]: [Weights, Masks | undefined] = [from?.best ?? new Map(), from?.bestMasks];
  const reporter = new Reporter(task, hooks, epochs, hooks.sparsity(await session.weights()));
  const before = from?.before ?? (await validationLoss(task, () => reporter.training(0)));
  reporter.before = before;
  reporter.counted = schedule?.settledEpoch ?? 1;
  const scale: LossScale = { guessing: task.guessing, dense: task.dense, pruned: before };
  const watch = new ExplosionWatch(scale, settings, from?.firstLoss);
  const done = () => epochs.length >= settings.epochs || isEarly(epochs, settings.patience, reporter.counted);
  const look = async () => {
    const weights = await session.weights();
    reporter.sparsity = hooks.sparsity(weights);
    return weights;
  };
  const change = async (masks: MaskChange | undefined) => {
    if (await takeUp(session, masks)) await look();
  };
  const keepIfBest = (epoch: number, weights: Weights) => {
    if (bestOf(epochs, before, reporter.counted) !== epoch) return;
    [best, bestMasks] = [weights, schedule?.state().masks];
  };
  const inEpoch: EpochHooks = {
    finish: hooks.finish,
    tell: reporter.training,
    ...(schedule && { before: async (step, batch) => change(await schedule.beforeStep(step, batch)) }),
  };
  if (schedule && !from) {
    await session.refresh(await schedule.begin());
    await look();
  }
  let whole = true;

  while (!done() && !hooks.finish?.aborted) {
    const epoch = epochs.length + 1;
    const start = performance.now();
    const trained = await runEpoch(task, epoch, watch, inEpoch);
    if (!trained) break;
    ({ whole } = trained);
    await change(await (whole ? schedule?.afterEpoch(epoch) : schedule?.complete()));
    if (!whole) reporter.counted = Math.min(reporter.counted, epoch);
    const measured = await validationLoss(task, reporter.validation(trained.loss));
    // What was ended by hand keeps what was better.
    if (!whole && watch.isBeyond(measured)) break;
    watch.validation(epoch, measured);
    const weights = await look();
    epochs.push({
      epoch,
      loss: trained.loss,
      validationLoss: measured,
      sparsity: reporter.sparsity,
      seconds: (performance.now() - start) / 1000,
      learningRate: trained.learningRate,
    });
    keepIfBest(epoch, weights);
    if (whole && !done()) {
      const firstLoss = watch.first ?? trained.loss;
      const masks = schedule && { schedule: schedule.state(), bestMasks };
      const state = await session.state();
      await hooks.keep?.({ state, epochs: [...epochs], before, firstLoss, best, ...masks });
    }
  }

  const stopped = whole && done() ? (epochs.length < settings.epochs ? 'early' : 'done') : 'cancelled';
  const last = epochs.at(-1);
  if (schedule && last && last.epoch < reporter.counted) {
    await change(await schedule.complete());
    const measured = await validationLoss(task, reporter.validation(last.loss));
    if (!watch.isBeyond(measured)) {
      reporter.counted = last.epoch;
      epochs[last.epoch - 1] = { ...last, validationLoss: measured, sparsity: reporter.sparsity };
      keepIfBest(last.epoch, await session.weights());
    }
  }
  const takesBest = settings.patience !== undefined || hooks.finish?.aborted === true;
  const bestEpoch = bestOf(epochs, before, reporter.counted);
  const kept = takesBest ? bestEpoch : epochs.length;
  const weights = takesBest ? best : await session.weights();
  const masks = takesBest ? bestMasks : schedule?.state().masks;
  return { epochs, validationLossBefore: before, best: bestEpoch, kept, stopped, weights, masks };
}
