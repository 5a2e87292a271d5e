import type { Activation } from '../../model/graph.ts';

/** ActivationFunctionType of schema.fbs. */
const fused: readonly (Activation | undefined)[] = [
  { op: 'Identity' },
  { op: 'Relu' },
  { op: 'Clip', alpha: -1, beta: 1 },
  { op: 'Clip', alpha: 0, beta: 6 },
  { op: 'Tanh' },
];

/** What an operator applies to its result; undefined where it is not known. */
export function fusedActivation(type: number): Activation | undefined {
  return fused[type];
}
