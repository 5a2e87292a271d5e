import { epsilon } from './clip.ts';

/* Losses of one row of predictions p [C] against y [C], as keras.losses defines them: means over C where nothing else is said. */

export function squaredError(p: Float64Array, y: Float64Array): number {
  return mean(p, y, (a, b) => (a - b) ** 2);
}

export function absoluteError(p: Float64Array, y: Float64Array): number {
  return mean(p, y, (a, b) => Math.abs(a - b));
}

/** In percent; a target below Keras' epsilon counts as that. */
export function absolutePercentageError(p: Float64Array, y: Float64Array): number {
  return 100 * mean(p, y, (a, b) => Math.abs((b - a) / Math.max(Math.abs(b), epsilon)));
}

/** Values below Keras' epsilon, negative ones too, count as that. */
export function squaredLogarithmicError(p: Float64Array, y: Float64Array): number {
  return mean(p, y, (a, b) => (Math.log1p(Math.max(a, epsilon)) - Math.log1p(Math.max(b, epsilon))) ** 2);
}

/** Squared up to delta, linear above. @param into takes the gradient */
export function huber(delta: number) {
  return (p: Float64Array, y: Float64Array, into?: Float64Array): number => {
    if (into)
      for (let c = 0; c < p.length; c++) into[c] = Math.min(Math.max(p[c] - y[c], -delta), delta) / p.length;
    return mean(p, y, (a, b) => {
      const error = Math.abs(a - b);
      return error <= delta ? error ** 2 / 2 : delta * error - delta ** 2 / 2;
    });
  };
}

/** log cosh of the error, without the overflow of cosh. */
export function logCosh(p: Float64Array, y: Float64Array): number {
  return mean(p, y, (a, b) => Math.abs(a - b) + Math.log1p(Math.exp(-2 * Math.abs(a - b))) - Math.LN2);
}

/** Of counts y that are expected to be p, without what y alone decides. */
export function poisson(p: Float64Array, y: Float64Array): number {
  return mean(p, y, (a, b) => a - b * Math.log(a + epsilon));
}

/** KL(y ‖ p), a sum over C; both between Keras' epsilon and 1. */
export function divergence(p: Float64Array, y: Float64Array): number {
  return p.length * mean(p, y, (a, b) => bounded(b) * Math.log(bounded(b) / bounded(a)));
}

/** Where the divergence clips a probability to. */
export function bounded(probability: number): number {
  return Math.min(Math.max(probability, epsilon), 1);
}

function mean(p: Float64Array, y: Float64Array, loss: (p: number, y: number) => number): number {
  let sum = 0;
  for (let c = 0; c < p.length; c++) sum += loss(p[c], y[c]);
  return sum / p.length;
}
