import * as tf from '@tensorflow/tfjs-core';
import { frontAxis } from '../../ops/shape.ts';
import { type NodeOf, type Operator, plain } from '../operators.ts';

/** y = gamma (x − mean) / sqrt(variance + epsilon) + beta along one axis, with the moving statistics. */
export function batchNormalizationOperator(node: NodeOf<'BatchNormalization'>): Operator {
  return {
    weights: async (read) => {
      const mean = await plain(read, node.mean);
      const variance = await plain(read, node.variance);
      const scale = variance.values.map((v) => 1 / Math.sqrt(v + node.epsilon));
      const gamma = node.gamma && (await read(node.gamma));
      if (gamma) for (let i = 0; i < scale.length; i++) scale[i] *= gamma[i];
      const shift = node.beta ? await read(node.beta) : new Float32Array(scale.length);
      return [mean, { values: scale, shape: mean.shape }, { values: shift, shape: mean.shape }];
    },
    forward: (value, weights) => {
      const x = value(node.inputs[0]);
      const axis = frontAxis(node.axis, x.rank);
      const along = x.shape.map((n, i) => (i === axis ? n : 1));
      const [mean, scale, shift] = weights.map((weight) => tf.reshape(weight, along));
      return [tf.add(tf.mul(tf.sub(x, mean), scale), shift)];
    },
  };
}
