import * as tf from '@tensorflow/tfjs-core';
import type { AttentionNode } from '../../model/attentionNode.ts';
import { sizeOf } from '../../model/parameter.ts';
import { dropoutMask } from '../dropoutMask.ts';
import type { Operator } from '../engine.ts';
import { plainWeight } from '../weight.ts';
import { additiveScores } from './additiveScores.ts';
import { stepMask } from './merge.ts';

/** [B,T], of the steps that count; undefined where all do. */
export type Mask = tf.Tensor | undefined;

/** softmax(scores) · value; see `AttentionNode`. */
export function attentionOperator(node: AttentionNode): Operator {
  const scalars = [node.scale, node.weight].filter((scalar) => scalar !== undefined);
  return {
    weights: scalars.map((scalar) => plainWeight(scalar, 'bias')),
    forward: (value, weights, { dropoutSeed }) => {
      const [query, values, key = values] = node.inputs.map(value) as tf.Tensor3D[];
      const [queryMask, ...others] = (node.masks ?? []).map(
        (mask): Mask => (mask === undefined ? undefined : value(mask)),
      );
      const { heads = 1, unseen } = node;
      const [scale, weight] = [node.scale, node.weight].map(
        (scalar) => scalar && weights[scalars.indexOf(scalar)].tensor,
      );
      const scores =
        node.score === 'dot'
          ? dotScores(node, inHeads(query, heads), inHeads(key, heads), scale)
          : node.score === 'additive'
            ? additiveScores(query, key, scale ?? tf.ones([query.shape[2]]))
            : concatScores(query, key, scale, weight);
      const seen = seenOf(node, scores, unseen && queryMask, others);
      const shares = tf.softmax(unseen ? replaced(scores, seen) : lowered(scores, seen));
      const heeded = seen && unseen === 'zero' ? tf.mul(shares, seen) : shares;
      const kept = dropped(node, heeded, dropoutSeed);
      const attended = outOfHeads(tf.matMul(kept, inHeads(values, heads)));
      if (!queryMask || unseen) return [attended];
      return [tf.where(stepMask(queryMask, attended.shape), attended, tf.zerosLike(attended))];
    },
  };
}

/** x [B,T,D] as [B,heads,T,D/heads]; one head is as it is. */
export function inHeads(x: tf.Tensor3D, heads: number): tf.Tensor {
  if (heads === 1) return x;
  const [batch, steps, width] = x.shape;
  return tf.transpose(tf.reshape(x, [batch, steps, heads, width / heads]), [0, 2, 1, 3]);
}

/** The same back again. */
export function outOfHeads(x: tf.Tensor): tf.Tensor {
  if (x.rank === 3) return x;
  const [batch, heads, steps, width] = x.shape;
  return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch, steps, heads * width]);
}

function dotScores(
  { factor }: AttentionNode,
  query: tf.Tensor,
  key: tf.Tensor,
  scale: tf.Tensor | undefined,
): tf.Tensor {
  const scores = tf.matMul(factor === undefined ? query : tf.mul(query, factor), key, false, true);
  return scale ? tf.mul(scores, scale) : scores;
}

function concatScores(
  query: tf.Tensor3D,
  key: tf.Tensor3D,
  scale: tf.Tensor | undefined,
  weight: tf.Tensor | undefined,
): tf.Tensor {
  const [scaledQuery, scaledKey] = [query, key].map((side) =>
    scale ? tf.mul<tf.Tensor3D>(side, scale) : side,
  );
  const scores = additiveScores(scaledQuery, scaledKey, tf.ones([query.shape[2]]));
  return weight ? tf.mul(scores, weight) : scores;
}

function both(a: Mask, b: Mask): Mask {
  return a && b ? tf.mul(a, b) : (a ?? b);
}

/** What Keras takes off the scores of steps that do not count. */
const low = 1e9;

/** 1 where the scores [B,…,Q,T] are of a query [B,Q] and a value and key [B,T] that count, and the query may see the value. */
export function seenOf(
  { causal }: AttentionNode,
  scores: tf.Tensor,
  queries: Mask,
  [ofValues, ofKeys]: readonly Mask[],
): Mask {
  const values = both(ofValues, ofKeys);
  const counted = both(
    queries && alongScores(queries, scores.rank, -2),
    values && alongScores(values, scores.rank, -1),
  );
  return both(counted, causal ? untilOwnPlace(scores.shape) : undefined);
}

/** [Q,T] of scores [B,…,Q,T]: 1 from the first value to the one at the query's place. */
function untilOwnPlace(shape: readonly number[]): tf.Tensor {
  const [queries, steps] = shape.slice(-2);
  const seen = new Float32Array(queries * steps);
  for (let i = 0; i < queries; i++) seen.fill(1, i * steps, i * steps + Math.min(i + 1, steps));
  return tf.tensor(seen, [queries, steps]);
}

/** Scores [B,…,Q,T] less 1e9 where what is not seen stands, as in Keras' Attention. */
function lowered(scores: tf.Tensor, seen: Mask): tf.Tensor {
  return seen ? tf.sub(scores, tf.mul(tf.sub(1, seen), low)) : scores;
}

/** Scores [B,…,Q,T], −1e9 instead where what is not seen stands, as in Keras' MultiHeadAttention. */
function replaced(scores: tf.Tensor, seen: Mask): tf.Tensor {
  if (!seen) return scores;
  return whereSeen(seen, scores, tf.fill(scores.shape, -low));
}

/** Scores [B,…,Q,T] where they are seen, others elsewhere. */
export function whereSeen(seen: tf.Tensor, scores: tf.Tensor, others: tf.Tensor): tf.Tensor {
  return tf.where(tf.cast(tf.broadcastTo(seen, scores.shape), 'bool'), scores, others);
}

/** [B,n] as it stands along one axis of scores. */
function alongScores(mask: tf.Tensor, rank: number, axis: -1 | -2): tf.Tensor {
  const [batch, length] = mask.shape;
  return tf.reshape(mask, [batch, ...Array(rank - 3).fill(1), ...(axis === -1 ? [1, length] : [length, 1])]);
}

function dropped({ dropout = 0, outputs }: AttentionNode, weights: tf.Tensor, seed: number | undefined) {
  if (seed === undefined || dropout === 0) return weights;
  const factors = dropoutMask(sizeOf(weights.shape), dropout, seed, outputs[0]);
  return tf.mul(weights, tf.tensor(factors, weights.shape));
}
