import * as tf from '@tensorflow/tfjs-core';
import { frontAxis } from '../../ops/shape.ts';
import type { Operator } from '../engine.ts';
import type { NodeOf } from '../operators.ts';
import { plainWeight } from '../weight.ts';
import { alongAxis, scaleAndShift, scaleAndShiftWeights } from './normalization.ts';

/**
 * y = gamma (x − mean) / sqrt(variance + epsilon) + beta along one axis, with the moving statistics; while training too, as
 * fine-tuning with the statistics of small batches would change what the model has learned about its data.
 */
export function batchNormalizationOperator(node: NodeOf<'BatchNormalization'>): Operator {
  return {
    weights: [
      plainWeight(node.mean, 'statistic'),
      plainWeight(node.variance, 'statistic'),
      ...scaleAndShiftWeights(node),
    ],
    forward: (value, [mean, variance, ...more]) => {
      const x = value(node.inputs[0]);
      const axis = frontAxis(node.axis, x.rank);
      const [gamma, beta] = scaleAndShift(node, more);
      const inverse = tf.rsqrt(tf.add(variance.tensor, node.epsilon));
      const scale = gamma ? tf.mul(inverse, gamma) : inverse;
      const centred = tf.sub(x, alongAxis(mean.tensor, x, axis));
      const scaled = tf.mul(centred, alongAxis(scale, x, axis));
      return [beta ? tf.add(scaled, alongAxis(beta, x, axis)) : scaled];
    },
  };
}
