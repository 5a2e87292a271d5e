import type { LossOptions } from '../../model/loss.ts';

/**
 * (1 − p^q) / q of the probability p of the class y = [k] (Zhang and Sabuncu, "Generalized Cross Entropy Loss for Training Deep Neural
 * Networks with Noisy Labels", 2018). @param into takes the gradient
 */
export function generalized({ q = 0.5 }: LossOptions) {
  return (p: Float64Array, [k]: Float64Array, into?: Float64Array): number => {
    into?.fill(0);
    // At 0 the slope is none that a float holds.
    if (into && p[k] !== 0) into[k] = -(p[k] ** (q - 1));
    return (1 - p[k] ** q) / q;
  };
}
