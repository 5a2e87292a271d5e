import type { ValueName } from '../../../model/graph.ts';
import type { Builder, PlacedLayer } from './lowering.ts';

/** x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) / 2 (Hendrycks and Gimpel 2016). */
export function tanhGelu(layer: PlacedLayer, x: ValueName, builder: Builder): ValueName {
  const base = (...inputs: ValueName[]) => builder.base(layer, ...inputs);
  const cubes = builder.add({ ...base(x, x, x), op: 'Mul' });
  const small = builder.add({ ...base(cubes), op: 'Scale', factor: 0.044715 });
  const sum = builder.add({ ...base(x, small), op: 'Add' });
  const scaled = builder.add({ ...base(sum), op: 'Scale', factor: Math.sqrt(2 / Math.PI) });
  const gate = builder.add({ ...base(scaled), op: 'Activation', activation: { op: 'Tanh' } });
  const share = builder.add({
    ...base(gate),
    op: 'Activation',
    activation: { op: 'Affine', alpha: 0.5, beta: 0.5 },
  });
  return builder.add({ ...base(x, share), op: 'Mul' });
}
