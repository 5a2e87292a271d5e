import * as tf from '@tensorflow/tfjs-core';
import { frontAxis } from '../../ops/shape.ts';
import type { Operator } from '../engine.ts';
import type { NodeOf } from '../operators.ts';
import { alongAxis, scaleAndShift, scaleAndShiftWeights, standardized } from './normalization.ts';

/** y = gamma (x − mean) / sqrt(variance + epsilon) + beta, with each row's own statistics (Ba et al. 2016). */
export function layerNormalizationOperator(node: NodeOf<'LayerNormalization'>): Operator {
  return {
    weights: scaleAndShiftWeights(node),
    forward: (value, variables) => {
      const x = value(node.inputs[0]);
      const axis = frontAxis(node.axis, x.rank);
      const normalized = standardized(x, axis, node.epsilon);
      const [gamma, beta] = scaleAndShift(node, variables).map((along) => along && alongAxis(along, x, axis));
      const scaled = gamma ? tf.mul(normalized, gamma) : normalized;
      return [beta ? tf.add(scaled, beta) : scaled];
    },
  };
}
