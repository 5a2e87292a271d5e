import * as tf from '@tensorflow/tfjs-core';
import { sizeOf } from '../../model/parameter.ts';
import { dropoutMask } from '../dropoutMask.ts';
import type { Operator } from '../engine.ts';
import type { NodeOf } from '../operators.ts';

/** Drops values while training; evaluating drops nothing. */
export function dropoutOperator(node: NodeOf<'Dropout'>): Operator {
  return {
    weights: [],
    forward: (value, _, { dropoutSeed }) => {
      const x = value(node.inputs[0]);
      if (dropoutSeed === undefined || node.rate === 0) return [x];
      const shape = x.shape.map((n, axis) => (node.sharedAxes?.includes(axis) ? 1 : n));
      const factors = dropoutMask(sizeOf(shape), node.rate, dropoutSeed, node.outputs[0]);
      return [tf.mul(x, tf.tensor(factors, shape))];
    },
  };
}
