import { logSumExp, softplus } from './activations.ts';
import { clip } from './clip.ts';

/*
 * Cross-entropies of one row [C], natural logarithm. Logits z go through log-sum-exp and softplus, so that large ones
 * neither overflow nor lose what is small. Probabilities p follow keras.losses: clipped away from 0 and 1, those of
 * classes divided by their sum first.
 */

/** Mean over C of −y·log σ(z) − (1−y)·log(1−σ(z)). */
export function binaryFromLogits(z: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let c = 0; c < z.length; c++) sum += y[c] * softplus(-z[c]) + (1 - y[c]) * softplus(z[c]);
  return sum / z.length;
}

export function binaryFromProbabilities(p: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let c = 0; c < p.length; c++) {
    const clipped = clip(p[c]);
    sum -= y[c] * Math.log(clipped) + (1 - y[c]) * Math.log(1 - clipped);
  }
  return sum / p.length;
}

/** −Σ y·log softmax(z). */
export function categoricalFromLogits(z: Float64Array, y: Float64Array): number {
  const all = logSumExp(z);
  let sum = 0;
  // A class that is not meant adds nothing, however unlikely it is.
  for (let c = 0; c < z.length; c++) if (y[c] !== 0) sum += y[c] * (all - z[c]);
  return sum;
}

export function categoricalFromProbabilities(p: Float64Array, y: Float64Array): number {
  const total = p.reduce((sum, value) => sum + value, 0);
  let sum = 0;
  for (let c = 0; c < p.length; c++) sum -= y[c] * Math.log(clip(p[c] / total));
  return sum;
}

/** −log softmax(z)[k], y = [k]. */
export function sparseFromLogits(z: Float64Array, y: Float64Array): number {
  return logSumExp(z) - z[y[0]];
}

export function sparseFromProbabilities(p: Float64Array, y: Float64Array): number {
  const total = p.reduce((sum, value) => sum + clip(value), 0);
  return Math.log(total) - Math.log(clip(p[y[0]]));
}
