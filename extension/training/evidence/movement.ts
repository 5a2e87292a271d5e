import type { Parameter } from '../../model/parameter.ts';

type Weights = ReadonlyMap<Parameter, Float32Array>;

/**
 * Adds −w · g of a step to the movement so far, in place. Masked weights are 0, so they gain nothing.
 * @param gradients of the mean loss, at these weights
 */
export function addMovement(movement: Weights, gradients: Weights, weights: Weights): void {
  for (const [parameter, sums] of movement) {
    const [gradient, values] = [gradients.get(parameter), weights.get(parameter)];
    if (!gradient || !values) continue;
    for (let i = 0; i < sums.length; i++) sums[i] -= values[i] * gradient[i];
  }
}
