import type { Activation } from '../../model/graph.ts';
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
  celu: { op: 'Elu', alpha: 1 },
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
  if (name === 'hard_sigmoid') return { op: 'HardSigmoid', alpha: major === 3 ? 1 / 6 : 0.2, beta: 0.5 };
  return Object.hasOwn(elementwise, name) ? elementwise[name] : undefined;
}

/** How a configuration names an activation, for messages. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'linear';
  if (typeof value === 'string') return value;
  const { class_name: className, config } = value as { class_name?: unknown; config?: unknown };
  // Keras 3 writes functions as { class_name: 'function', config: 'relu' }.
  return className === 'function' && typeof config === 'string' ? config : String(className ?? '?');
}
