import * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from '../../model/parameter.ts';
import { frontAxis } from '../../ops/shape.ts';
import type { Operator } from '../engine.ts';
import type { NodeOf } from '../operators.ts';
import { plainWeight, type Weight } from '../weight.ts';

/**
 * y = gamma (x − mean) / sqrt(variance + epsilon) + beta along one axis, with the moving statistics; while training too, as
 * fine-tuning with the statistics of small batches would change what the model has learned about its data.
 */
export function batchNormalizationOperator(node: NodeOf<'BatchNormalization'>): Operator {
  const affine = (parameter: Parameter | undefined): Weight[] =>
    parameter ? [plainWeight(parameter, 'bias')] : [];
  return {
    weights: [
      plainWeight(node.mean, 'statistic'),
      plainWeight(node.variance, 'statistic'),
      ...affine(node.gamma),
      ...affine(node.beta),
    ],
    forward: (value, variables) => {
      const x = value(node.inputs[0]);
      const axis = frontAxis(node.axis, x.rank);
      const along = x.shape.map((n, i) => (i === axis ? n : 1));
      const [mean, variance, ...more] = variables.map(({ tensor }) => tensor);
      const gamma = node.gamma && more[0];
      const beta = node.beta && more[node.gamma ? 1 : 0];
      const inverse = tf.rsqrt(tf.add(variance, node.epsilon));
      const scale = gamma ? tf.mul(inverse, gamma) : inverse;
      const scaled = tf.mul(tf.sub(x, tf.reshape(mean, along)), tf.reshape(scale, along));
      return [beta ? tf.add(scaled, tf.reshape(beta, along)) : scaled];
    },
  };
}
