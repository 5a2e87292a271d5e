import type { Batch } from '../engine/session.ts';
import { UserError } from '../protocol/userError.ts';
import { decayFactor } from './decay.ts';
import type { ExplosionWatch } from './exploding.ts';
import type { FinetuneTask } from './finetuneTask.ts';
import { dropoutSeed, epochOrder, stepsOfEpoch } from './order.ts';

export interface EpochResult {
  /** Mean over the rows of all steps, each before its own update. */
  readonly loss: number;
  /** At the first step. */
  readonly learningRate: number;
  /** False where it was ended before its last step. */
  readonly whole: boolean;
}

export interface EpochHooks {
  /** Ends it before the next step. */
  readonly finish?: AbortSignal | undefined;
  /** Called before each step with the share that is done and the mean loss so far; throws to give up. */
  tell(share: number, loss?: number): Promise<void>;
  /** Called just before a step is taken, counted from 0 over all epochs. */
  before?(step: number, batch: Batch): Promise<void>;
}

/**
 * Goes once through the training samples in an order of the epoch's own, a step for each minibatch; the last one may be smaller, as with
 * Keras. Undefined where it was ended before the first step. Throws trainingDiverged as `watch` says, and nothingMeasured where every
 * step of every sample is masked.
 * @param epoch from 1
 */
export async function runEpoch(
  { session, train, rows: all, regularized, settings, schedule, groupLasso }: FinetuneTask,
  epoch: number,
  watch: ExplosionWatch,
  { finish, tell, before }: EpochHooks,
): Promise<EpochResult | undefined> {
  const { batch, seed, epochs, learningRate, decay, clipNorm, l1, l2 } = settings;
  const penalties = {
    regularized,
    ...(clipNorm !== undefined && { clipNorm }),
    ...(l1 !== undefined && { l1 }),
    ...(l2 !== undefined && { l2 }),
  };
  const steps = stepsOfEpoch(train.count, batch);
  const decayed = (step: number) => schedule?.decayed(step) ?? step / (steps * epochs);
  const rateAt = (step: number) => learningRate * decayFactor(decay, decayed(step));
  const firstStep = (epoch - 1) * steps;
  const order = epochOrder(train.count, seed, epoch);
  let [sum, rows] = [0, 0];
  for (let step = 0; step < steps; step++) {
    await tell(step / steps, rows > 0 ? sum / rows : undefined);
    if (finish?.aborted)
      return rows === 0 ? undefined : { loss: sum / rows, learningRate: rateAt(firstStep), whole: false };
    const indices = order.subarray(step * batch, (step + 1) * batch);
    const inputs = await train.take(indices);
    const number = firstStep + step;
    const taken: Batch = { inputs, dropoutSeed: dropoutSeed(seed, number) };
    await before?.(number, taken);
    const update = { learningRate: rateAt(number), ...penalties };
    const result = await session.step(taken, update, schedule?.watch);
    await groupLasso?.apply(session, update.learningRate);
    // A batch of masked steps alone has no loss.
    if (result.rows === 0) continue;
    watch.step(epoch, result.loss);
    sum += result.loss * result.rows;
    rows += result.rows;
    watch.mean(epoch, sum, rows, all);
  }
  if (rows === 0) throw new UserError('nothingMeasured');
  watch.mean(epoch, sum, rows, rows);
  return { loss: sum / rows, learningRate: rateAt(firstStep), whole: true };
}
