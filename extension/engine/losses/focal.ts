import type { LossOptions } from '../../model/loss.ts';
import { clip, isClipped } from './clip.ts';

/*
 * Cross-entropies of one row of probabilities [C] in which what is known well counts less (Lin et al., "Focal Loss for Dense Object
 * Detection", 2018), with gradients to the probabilities, as keras.losses defines them.
 */

const { gamma: defaultGamma, alpha: defaultAlpha } = { gamma: 2, alpha: 0.25 };

/** Mean over C of w · (1 − pₜ)^γ · −log pₜ, where pₜ is the probability of what is so. @param into takes the gradient */
export function binaryFocal(options: LossOptions) {
  const { gamma = defaultGamma, alpha = defaultAlpha, balanced = false } = options;
  return (p: Float64Array, y: Float64Array, into?: Float64Array): number => {
    let sum = 0;
    for (let c = 0; c < p.length; c++) {
      const clipped = clip(p[c]);
      const entropy = -y[c] * Math.log(clipped) - (1 - y[c]) * Math.log(1 - clipped);
      const missing = 1 - (y[c] * p[c] + (1 - y[c]) * (1 - p[c]));
      const weight = balanced ? y[c] * alpha + (1 - y[c]) * (1 - alpha) : 1;
      const factor = missing ** gamma;
      sum += weight * factor * entropy;
      if (!into) continue;
      const slope = isClipped(p[c]) ? 0 : (1 - y[c]) / (1 - p[c]) - y[c] / p[c];
      const factorSlope = powerSlope(missing, gamma) * (1 - 2 * y[c]);
      into[c] = (weight * (factorSlope * entropy + factor * slope)) / p.length;
    }
    return sum / p.length;
  };
}

/** Σ −α · y · (1 − q)^γ · log q of the classes' shares q = p / Σp. @param into takes the gradient */
export function categoricalFocal(options: LossOptions) {
  const { gamma = defaultGamma, alpha = defaultAlpha } = options;
  return (p: Float64Array, y: Float64Array, into?: Float64Array): number => {
    const total = p.reduce((sum, value) => sum + value, 0);
    let [sum, common] = [0, 0];
    for (let c = 0; c < p.length; c++) {
      const share = clip(p[c] / total);
      const missing = 1 - share;
      sum -= alpha * y[c] * missing ** gamma * Math.log(share);
      if (!into) continue;
      const slope = powerSlope(missing, gamma) * Math.log(share) - missing ** gamma / share;
      into[c] = isClipped(p[c] / total) ? 0 : alpha * y[c] * slope;
      common += (into[c] * p[c]) / total;
    }
    // The share of each class moves with all of them.
    if (into) for (let c = 0; c < p.length; c++) into[c] = (into[c] - common) / total;
    return sum;
  };
}

/** Of x^exponent. */
function powerSlope(x: number, exponent: number): number {
  return exponent === 0 ? 0 : exponent * x ** (exponent - 1);
}
