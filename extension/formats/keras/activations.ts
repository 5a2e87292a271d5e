import type { Activation, ActivationOp, CellActivation } from '../../model/graph.ts';
import { entryOf } from '../entryOf.ts';
import type { KerasVersion } from './config.ts';

/** An activation by Keras' name: an elementwise function, or a softmax over the last axis. */
export type KerasActivation = Activation | 'softmax' | 'log_softmax';

const elementwise: Record<string, Activation> = {
  linear: { op: 'Identity' },
  relu: { op: 'Relu' },
  relu6: { op: 'Clip', alpha: 0, beta: 6 },
  sigmoid: { op: 'Sigmoid' },
  tanh: { op: 'Tanh' },
  softplus: { op: 'Softplus' },
  softsign: { op: 'Softsign' },
  elu: { op: 'Elu', alpha: 1 },
  selu: { op: 'Selu' },
  gelu: { op: 'Gelu' },
  exponential: { op: 'Exp' },
  leaky_relu: { op: 'LeakyRelu', alpha: 0.2 },
  swish: { op: 'Swish' },
  silu: { op: 'Swish' },
  hard_silu: { op: 'HardSwish' },
  hard_swish: { op: 'HardSwish' },
  mish: { op: 'Mish' },
  celu: { op: 'Celu', alpha: 1 },
  hard_tanh: { op: 'Clip', alpha: -1, beta: 1 },
  hard_shrink: { op: 'Shrink', alpha: 0.5, beta: 0 },
  soft_shrink: { op: 'Shrink', alpha: 0.5, beta: 0.5 },
  tanh_shrink: { op: 'TanhShrink' },
  log_sigmoid: { op: 'LogSigmoid' },
  squareplus: { op: 'Squareplus' },
  sparse_plus: { op: 'SparsePlus' },
  sparse_sigmoid: { op: 'HardSigmoid', alpha: 0.5, beta: 0.5 },
};

/**
 * The function behind a configuration's `activation`; undefined where it is not known. hard_sigmoid is
 * clip(0.2 x + 0.5, 0, 1) before Keras 3 and relu6(x + 3) / 6 = clip(x / 6 + 0.5, 0, 1) from Keras 3 on.
 */
export function activationOf(value: unknown, { major }: KerasVersion): KerasActivation | undefined {
  const name = nameOf(value);
  if (name === 'softmax' || name === 'log_softmax') return name;
  if (name === 'hard_sigmoid') return hardSigmoid(major);
  return entryOf(elementwise, name);
}

/** The name of an activation in a configuration of Keras 2 or 3; undefined where it has none, as for other constants than Keras'. */
export function kerasName(activation: CellActivation, major: 2 | 3): string | undefined {
  if (activation.op === 'Softmax') return 'softmax';
  if (activation.op === 'LogSoftmax') return 'log_softmax';
  const wanted = constantsOf(activation as Activation);
  if (wanted === constantsOf(hardSigmoid(major))) return 'hard_sigmoid';
  return Object.entries(elementwise).find(([, own]) => constantsOf(own) === wanted)?.[0];
}

/** An activation with the constants that it has where none are given. */
function constantsOf({ op, alpha, beta }: Activation): string {
  const usual: Partial<Record<ActivationOp, readonly [number?, number?]>> = {
    Elu: [1],
    LeakyRelu: [0.01],
    HardSigmoid: [0.2, 0.5],
    Celu: [1],
  };
  const [a, b] = usual[op] ?? [];
  // Constants that went through a file are float32.
  const rounded = (value: number | undefined) => (value === undefined ? null : Math.fround(value));
  return JSON.stringify([op, rounded(alpha ?? a), rounded(beta ?? b)]);
}

function hardSigmoid(major: number): Activation {
  return { op: 'HardSigmoid', alpha: major === 3 ? 1 / 6 : 0.2, beta: 0.5 };
}

/** How a configuration names an activation, for messages. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'linear';
  if (typeof value === 'string') return value;
  const { class_name: className, config } = value as { class_name?: unknown; config?: unknown };
  // Keras 3 writes functions as { class_name: 'function', config: 'relu' }.
  return className === 'function' && typeof config === 'string' ? config : String(className ?? '?');
}
