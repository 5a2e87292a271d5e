import type { LossOptions } from '../../model/loss.ts';
import { epsilon } from './clip.ts';

/* Losses of one row of outputs p [C] against y [C] that ask for a margin or an angle, with gradients, as keras.losses defines them. */

/** Mean over C of max(0, 1 − y · p)^power, y being −1 or 1. @param into takes the gradient */
export function hinge(power: 1 | 2) {
  return ({ zeroOne = false }: LossOptions) =>
    (p: Float64Array, y: Float64Array, into?: Float64Array): number => {
      let sum = 0;
      for (let c = 0; c < p.length; c++) {
        const sign = zeroOne ? 2 * y[c] - 1 : y[c];
        const short = Math.max(0, 1 - sign * p[c]);
        sum += short ** power;
        if (into) into[c] = short === 0 ? 0 : (-sign * power * short ** (power - 1)) / p.length;
      }
      return sum / p.length;
    };
}

/** max(0, 1 + the largest output of another class − that of the class). @param into takes the gradient */
export function categoricalHinge(p: Float64Array, y: Float64Array, into?: Float64Array): number {
  let [own, rival] = [0, 0];
  for (let c = 0; c < p.length; c++) {
    own += y[c] * p[c];
    if ((1 - y[c]) * p[c] > (1 - y[rival]) * p[rival]) rival = c;
  }
  const short = Math.max(0, (1 - y[rival]) * p[rival] - own + 1);
  if (into) {
    for (let c = 0; c < p.length; c++) into[c] = short === 0 ? 0 : -y[c];
    if (short > 0) into[rival] += 1 - y[rival];
  }
  return short;
}

/** −cos of the angle between outputs and targets. @param into takes the gradient */
export function cosineSimilarity(p: Float64Array, y: Float64Array, into?: Float64Array): number {
  const [length, reach] = [norm(p), norm(y)];
  let cosine = 0;
  for (let c = 0; c < p.length; c++) cosine += (p[c] / length) * (y[c] / reach);
  // What is shorter than that is divided by a constant.
  const along = length > epsilon ? cosine : 0;
  if (into) for (let c = 0; c < p.length; c++) into[c] = ((along * p[c]) / length - y[c] / reach) / length;
  return -cosine;
}

/** The length of a vector, no less than Keras' epsilon. */
function norm(values: Float64Array): number {
  return Math.max(epsilon, Math.sqrt(values.reduce((sum, value) => sum + value * value, 0)));
}
