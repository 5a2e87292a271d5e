import * as tf from '@tensorflow/tfjs-core';
import { frontAxis } from '../../ops/shape.ts';
import type { Operator } from '../engine.ts';
import type { NodeOf } from '../operators.ts';
import { alongAxis, scaleAndShift, scaleAndShiftWeights, standardized } from './normalization.ts';

/** y = gamma (x − mean) / sqrt(variance + epsilon) + beta, with the statistics of each sample's groups (Wu and He 2018). */
export function groupNormalizationOperator(node: NodeOf<'GroupNormalization'>): Operator {
  return {
    weights: scaleAndShiftWeights(node),
    forward: (value, variables) => {
      const x = value(node.inputs[0]);
      const axis = frontAxis(node.axis, x.rank);
      const grouped = tf.reshape(
        x,
        x.shape.flatMap((n, i) => (i === axis ? [node.groups, n / node.groups] : [n])),
      );
      const together = grouped.shape.flatMap((_, i) => (i === 0 || i === axis ? [] : [i]));
      const normalized = tf.reshape(standardized(grouped, together, node.epsilon), x.shape);
      const [gamma, beta] = scaleAndShift(node, variables).map((along) => along && alongAxis(along, x, axis));
      const scaled = gamma ? tf.mul(normalized, gamma) : normalized;
      return [beta ? tf.add(scaled, beta) : scaled];
    },
  };
}

/** x / sqrt(max(Σ x², epsilon)) along one axis. */
export function lpNormalizationOperator(node: NodeOf<'LpNormalization'>): Operator {
  return {
    weights: [],
    forward: (value) => {
      const x = value(node.inputs[0]);
      const squares = tf.sum(tf.square(x), frontAxis(node.axis, x.rank), true);
      return [tf.mul(x, tf.rsqrt(tf.maximum(squares, node.epsilon)))];
    },
  };
}
