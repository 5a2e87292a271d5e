import { forEachPlace } from '../model/gateView.ts';
import type { Parameter } from '../model/parameter.ts';
import { type Prunable, weightCount } from '../pruning/prunable.ts';

/** Zeros / size over prunable weights, whose values are these. */
export function prunableSparsity(
  prunables: readonly Prunable[],
  valuesOf: (parameter: Parameter) => Float32Array,
): number {
  let [zeros, size] = [0, 0];
  for (const prunable of prunables) {
    const values = valuesOf(prunable.view.parameter);
    forEachPlace(prunable.view, (place) => {
      if (values[place] === 0) zeros++;
    });
    size += weightCount(prunable);
  }
  return size === 0 ? 0 : zeros / size;
}
