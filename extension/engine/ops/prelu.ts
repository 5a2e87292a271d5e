import * as tf from '@tensorflow/tfjs-core';
import type { Operator } from '../engine.ts';
import type { NodeOf } from '../operators.ts';
import { plainWeight } from '../weight.ts';

/** max(x, 0) + slope · min(x, 0), the slope repeated over the batch and along its axes of length 1 (He et al. 2015). */
export function preluOperator(node: NodeOf<'PRelu'>): Operator {
  return {
    weights: [plainWeight(node.slope, 'bias')],
    forward: (value, [slope]) => {
      const x = value(node.inputs[0]);
      return [tf.sub(tf.relu(x), tf.mul(slope.tensor, tf.relu(tf.neg(x))))];
    },
  };
}
