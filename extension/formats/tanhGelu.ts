import type { ValueName } from '../model/graph.ts';
import type { BareNode } from './onnx/lower/emitter.ts';

/**
 * x · (1 + tanh(√(2/π) · (x + 0.044715 · x³))) / 2 (Hendrycks and Gimpel 2016), which PyTorch, Keras and ONNX have beside the exact one.
 * @param add adds a node of one output; gives its name
 */
export function tanhGelu(x: ValueName, add: (node: BareNode) => ValueName): ValueName {
  const cubes = add({ op: 'Mul', inputs: [x, x, x] });
  const small = add({ op: 'Scale', inputs: [cubes], factor: 0.044715 });
  const sum = add({ op: 'Add', inputs: [x, small] });
  const scaled = add({ op: 'Scale', inputs: [sum], factor: Math.sqrt(2 / Math.PI) });
  const gate = add({ op: 'Activation', inputs: [scaled], activation: { op: 'Tanh' } });
  const half = { op: 'Affine', alpha: 0.5, beta: 0.5 } as const;
  const share = add({ op: 'Activation', inputs: [gate], activation: half });
  return add({ op: 'Mul', inputs: [x, share] });
}
