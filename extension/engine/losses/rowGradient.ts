import type { HeadKind } from '../../model/loss.ts';
import type { LossName } from '../../protocol/losses.ts';
import { logSumExp, sigmoid } from './activations.ts';
import { clip, epsilon, isClipped } from './clip.ts';
import { bounded } from './regression.ts';

/** Gradient of a row's loss with respect to its outputs [C], written into `into` [C]; the losses are in `rowLoss.ts`. */
export type RowGradient = (outputs: Float64Array, targets: Float64Array, into: Float64Array) => void;

const always: Partial<Record<LossName, RowGradient>> = {
  mean_squared_error: eachMean((p, y) => 2 * (p - y)),
  mean_absolute_error: eachMean((p, y) => Math.sign(p - y)),
  mean_absolute_percentage_error: eachMean(
    (p, y) => (100 * Math.sign(p - y)) / Math.max(Math.abs(y), epsilon),
  ),
  mean_squared_logarithmic_error: eachMean((p, y) => {
    if (p <= epsilon) return 0;
    return (2 * (Math.log1p(p) - Math.log1p(Math.max(y, epsilon)))) / (1 + p);
  }),
  log_cosh: eachMean((p, y) => Math.tanh(p - y)),
  poisson: eachMean((p, y) => 1 - y / (p + epsilon)),
  kl_divergence: (p, y, into) => {
    for (let c = 0; c < p.length; c++) into[c] = bounded(p[c]) === p[c] ? -bounded(y[c]) / p[c] : 0;
  },
};

const fromLogits: Partial<Record<LossName, RowGradient>> = {
  binary_crossentropy: eachMean((z, y) => sigmoid(z) - y),
  categorical_crossentropy: (z, y, into) => {
    const all = logSumExp(z);
    const total = y.reduce((sum, value) => sum + value, 0);
    for (let c = 0; c < z.length; c++) into[c] = total * Math.exp(z[c] - all) - y[c];
  },
  sparse_categorical_crossentropy: (z, y, into) => {
    const all = logSumExp(z);
    for (let c = 0; c < z.length; c++) into[c] = Math.exp(z[c] - all);
    into[y[0]] -= 1;
  },
};

/** A clipped probability does not move. */
const fromProbabilities: Partial<Record<LossName, RowGradient>> = {
  binary_crossentropy: eachMean((p, y) => (isClipped(p) ? 0 : (1 - y) / (1 - p) - y / p)),
  categorical_crossentropy: (p, y, into) => {
    // −Σ y log q of q = p / Σp: the share of each class moves with all of them.
    const total = p.reduce((sum, value) => sum + value, 0);
    let common = 0;
    for (let c = 0; c < p.length; c++) if (!isClipped(p[c] / total)) common += y[c];
    for (let c = 0; c < p.length; c++) {
      const own = isClipped(p[c] / total) ? 0 : y[c] / p[c];
      into[c] = common / total - own;
    }
  },
  sparse_categorical_crossentropy: (p, y, into) => {
    const total = p.reduce((sum, value) => sum + clip(value), 0);
    for (let c = 0; c < p.length; c++) into[c] = isClipped(p[c]) ? 0 : 1 / total;
    if (!isClipped(p[y[0]])) into[y[0]] -= 1 / p[y[0]];
  },
};

/** By whether a loss takes logits, or what is no matter to it. */
export const rowGradients = { always, fromLogits, fromProbabilities };

/** The gradient [C] to what went into the model's last operator from that to what came out of it, p; in place. */
export function headGradient(p: Float64Array, gradient: Float64Array, head: HeadKind): void {
  if (head === 'softmax') {
    let inner = 0;
    for (let c = 0; c < p.length; c++) inner += p[c] * gradient[c];
    for (let c = 0; c < p.length; c++) gradient[c] = p[c] * (gradient[c] - inner);
  } else if (head === 'sigmoid') {
    for (let c = 0; c < p.length; c++) gradient[c] *= p[c] * (1 - p[c]);
  }
}

/** Of a mean over C. */
function eachMean(derivative: (p: number, y: number) => number): RowGradient {
  return (outputs, targets, into) => {
    for (let c = 0; c < outputs.length; c++) into[c] = derivative(outputs[c], targets[c]) / outputs.length;
  };
}
