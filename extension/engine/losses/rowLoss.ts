import type { HeadKind, Loss } from '../../model/loss.ts';
import type { LossName } from '../../protocol/losses.ts';
import { applySigmoid, applySoftmax } from './activations.ts';
import * as crossEntropy from './crossEntropy.ts';
import * as regression from './regression.ts';

/** Loss of one row: outputs [C] against targets [C], or against one class index [1]. */
export type RowLoss = (outputs: Float64Array, targets: Float64Array) => number;

const always: Partial<Record<LossName, RowLoss>> = {
  mean_squared_error: regression.squaredError,
  mean_absolute_error: regression.absoluteError,
  mean_absolute_percentage_error: regression.absolutePercentageError,
  mean_squared_logarithmic_error: regression.squaredLogarithmicError,
  huber: regression.huber,
  log_cosh: regression.logCosh,
  poisson: regression.poisson,
  kl_divergence: regression.divergence,
};

const fromLogits: Partial<Record<LossName, RowLoss>> = {
  binary_crossentropy: crossEntropy.binaryFromLogits,
  categorical_crossentropy: crossEntropy.categoricalFromLogits,
  sparse_categorical_crossentropy: crossEntropy.sparseFromLogits,
};

const fromProbabilities: Partial<Record<LossName, RowLoss>> = {
  binary_crossentropy: crossEntropy.binaryFromProbabilities,
  categorical_crossentropy: crossEntropy.categoricalFromProbabilities,
  sparse_categorical_crossentropy: crossEntropy.sparseFromProbabilities,
};

export function rowLossOf(loss: Loss): RowLoss {
  return (always[loss.name] ?? (loss.fromLogits ? fromLogits : fromProbabilities)[loss.name]) as RowLoss;
}

/** Applies the model's last operator to a row, in place. */
export function applyHead(row: Float64Array, head: HeadKind): void {
  if (head === 'softmax') applySoftmax(row);
  else if (head === 'sigmoid') applySigmoid(row);
}
