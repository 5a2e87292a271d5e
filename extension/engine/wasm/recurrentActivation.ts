import type { CellActivation } from '../../model/graph.ts';
import type { KernelActivation } from './recurrentWorkspace.ts';

/** kernels/activation.ts numbers them so. */
const kinds: Partial<Record<CellActivation['op'], number>> = {
  Identity: 0,
  Sigmoid: 1,
  Tanh: 2,
  Relu: 3,
  HardSigmoid: 4,
};

/** How the kernels know an activation; undefined for one that they do not have. Absent constants are ONNX' defaults. */
export function kernelActivation(activation: CellActivation): KernelActivation | undefined {
  const kind = kinds[activation.op];
  if (kind === undefined) return undefined;
  const { alpha = 0.2, beta = 0.5 } = 'alpha' in activation || 'beta' in activation ? activation : {};
  return { kind, alpha, beta };
}
