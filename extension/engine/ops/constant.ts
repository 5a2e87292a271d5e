import * as tf from '@tensorflow/tfjs-core';
import type { Operator } from '../engine.ts';
import type { NodeOf } from '../operators.ts';
import type { Weight } from '../weight.ts';

/** Numbers as they are. */
export function constantOperator({ value: { data, shape } }: NodeOf<'Constant'>): Operator {
  return { weights: [], forward: () => [tf.tensor(data, [...shape], 'float32')] };
}

/** A parameter's values, which are learned like any other. */
export function weightOperator({ view, shape }: NodeOf<'Weight'>): Operator {
  const weight: Weight = { role: 'bias', shape, parts: [{ view, at: 0 }] };
  return { weights: [weight], forward: (_, [{ tensor }]) => [tensor] };
}
