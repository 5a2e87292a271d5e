import type { HeadKind, Loss } from '../../model/loss.ts';
import type { LossName } from '../../protocol/losses.ts';
import { applySigmoid, applySoftmax } from './activations.ts';
import * as crossEntropy from './crossEntropy.ts';
import { type LossWithGradient, lossesWithGradient, smoothed } from './optional.ts';
import * as regression from './regression.ts';
import { type RowGradient, rowGradients } from './rowGradient.ts';

/** Loss of one row: outputs [C] against targets [C], or against one class index [1]. */
type RowLoss = (outputs: Float64Array, targets: Float64Array) => number;

const always: Partial<Record<LossName, RowLoss>> = {
  mean_squared_error: regression.squaredError,
  mean_absolute_error: regression.absoluteError,
  mean_absolute_percentage_error: regression.absolutePercentageError,
  mean_squared_logarithmic_error: regression.squaredLogarithmicError,
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

const rowLosses = { always, fromLogits, fromProbabilities };

/** The loss of a row, its options heeded. */
export function rowLossOf(loss: Loss): LossWithGradient {
  const { options = {} } = loss;
  const { name, targets } = smoothed(loss);
  const { weight = 1 } = options;
  const own = plainLoss(name, loss);
  if (weight === 1 && !options.labelSmoothing) return own;
  return (outputs, row, into) => {
    const value = own(outputs, targets(row), into);
    if (into) for (let c = 0; c < into.length; c++) into[c] *= weight;
    return weight * value;
  };
}

function plainLoss(name: LossName, { fromLogits: takesLogits, options = {} }: Loss): LossWithGradient {
  const byOptions = lossesWithGradient[name];
  if (byOptions) return byOptions(options);
  const kind = name in always ? 'always' : takesLogits ? 'fromLogits' : 'fromProbabilities';
  const loss = rowLosses[kind][name] as RowLoss;
  const gradient = rowGradients[kind][name] as RowGradient;
  return (outputs, targets, into) => {
    if (into) gradient(outputs, targets, into);
    return loss(outputs, targets);
  };
}

/** Applies the model's last operator to a row, in place. */
export function applyHead(row: Float64Array, head: HeadKind): void {
  if (head === 'softmax') applySoftmax(row);
  else if (head === 'sigmoid') applySigmoid(row);
}
