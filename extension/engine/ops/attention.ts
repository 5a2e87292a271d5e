import * as tf from '@tensorflow/tfjs-core';
import type { AttentionNode } from '../../model/graph.ts';
import { sizeOf } from '../../model/parameter.ts';
import { dropoutMask } from '../dropoutMask.ts';
import type { Operator } from '../engine.ts';
import { plainWeight } from '../weight.ts';
import { additiveScores } from './additiveScores.ts';
import { stepMask } from './merge.ts';

/** softmax(scores) · value; see `AttentionNode`. */
export function attentionOperator(node: AttentionNode): Operator {
  return {
    weights: node.scale ? [plainWeight(node.scale, 'bias')] : [],
    forward: (value, [scale], { dropoutSeed }) => {
      const [query, values, key = values] = node.inputs.map(value) as tf.Tensor3D[];
      const [queryMask, valueMask] = (node.masks ?? []).map((mask) =>
        mask === undefined ? undefined : value(mask),
      );
      const scores =
        node.score === 'dot'
          ? dotScores(query, key, scale?.tensor)
          : additiveScores(query, key, scale?.tensor ?? tf.ones([query.shape[2]]));
      const weights = tf.softmax(valueMask ? tf.sub(scores, maskedBy(valueMask)) : scores);
      const attended = tf.matMul(dropped(node, weights, dropoutSeed), values);
      return [
        queryMask
          ? tf.where(stepMask(queryMask, attended.shape), attended, tf.zerosLike(attended))
          : attended,
      ];
    },
  };
}

function dotScores(query: tf.Tensor, key: tf.Tensor, scale: tf.Tensor | undefined): tf.Tensor {
  const scores = tf.matMul(query, key, false, true);
  return scale ? tf.mul(scores, scale) : scores;
}

/** What a mask [B,T] takes off the scores [B,Q,T]: 1e9 where it is 0, as Keras has it. */
function maskedBy(mask: tf.Tensor): tf.Tensor {
  return tf.expandDims(tf.mul(tf.sub(1, mask), 1e9), 1);
}

function dropped({ dropout = 0, outputs }: AttentionNode, weights: tf.Tensor, seed: number | undefined) {
  if (seed === undefined || dropout === 0) return weights;
  const factors = dropoutMask(sizeOf(weights.shape), dropout, seed, outputs[0]);
  return tf.mul(weights, tf.tensor(factors, weights.shape));
}
