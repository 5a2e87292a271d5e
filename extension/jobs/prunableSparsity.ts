import { gather } from '../model/gateView.ts';
import type { Parameter } from '../model/parameter.ts';
import type { RecurrentLayer } from '../model/recurrentLayer.ts';
import { prunableGates, weightCount } from '../pruning/prunable.ts';

/** Zeros / size over the prunable weights, whose values are these. */
export function prunableSparsity(
  layers: readonly RecurrentLayer[],
  valuesOf: (parameter: Parameter) => Float32Array,
): number {
  let [zeros, size] = [0, 0];
  for (const gate of prunableGates(layers)) {
    const values = new Float32Array(weightCount(gate));
    gather(gate.view, valuesOf(gate.view.parameter), values);
    for (const value of values) if (value === 0) zeros++;
    size += values.length;
  }
  return size === 0 ? 0 : zeros / size;
}
