import type { Activation, ActivationOp } from './graph.ts';

const zeroMovers: readonly ActivationOp[] = [
  'Sigmoid',
  'HardSigmoid',
  'Softplus',
  'Exp',
  'Log',
  'Reciprocal',
  'Cos',
  'LogSigmoid',
  'Squareplus',
  'SparsePlus',
];

/** Whether an activation maps 0 to 0. */
export function preservesZero({ op, alpha = 0, beta = 0 }: Activation): boolean {
  if (op === 'Clip') return alpha <= 0 && beta >= 0;
  if (op === 'Affine') return beta === 0;
  return !zeroMovers.includes(op);
}
