import type { FinetuneEpoch } from '../protocol/report.ts';
import type { FinetuneProgress } from '../protocol/requests.ts';
import { finiteOr } from './exploding.ts';

/**
 * The epoch with the lowest validation loss, the first of equals; 0 where none has less than `before`, if that is a number.
 * @param from the first epoch that counts: those before had more weights than there are to be
 */
export function bestOf(epochs: readonly FinetuneEpoch[], before: number, from = 1): number {
  let [best, lowest] = [0, finiteOr(Number.POSITIVE_INFINITY, before)];
  for (const { epoch, validationLoss } of epochs)
    if (epoch >= from && validationLoss < lowest) [best, lowest] = [epoch, validationLoss];
  return best;
}

/** The same with its loss, as far as there is one. */
export function bestSoFar(
  epochs: readonly FinetuneEpoch[],
  before: number,
  from: number,
): Pick<FinetuneProgress, 'bestEpoch' | 'bestValidationLoss'> {
  const bestEpoch = bestOf(epochs, before, from);
  const loss = epochs[bestEpoch - 1]?.validationLoss ?? before;
  return Number.isFinite(loss) ? { bestEpoch, bestValidationLoss: loss } : {};
}

/**
 * Whether no epoch has been better for `patience` of them. As with Keras, the epochs are compared with each other; a training that begins
 * worse than the pruned weights may still get better.
 */
export function isEarly(
  epochs: readonly FinetuneEpoch[],
  patience: number | undefined,
  from: number,
): boolean {
  if (patience === undefined || epochs.length < from) return false;
  return epochs.length - bestOf(epochs, Number.POSITIVE_INFINITY, from) >= patience;
}
