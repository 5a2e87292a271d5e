import * as tf from '@tensorflow/tfjs-core';
import type { AttentionNode } from '../../model/attentionNode.ts';
import type { ValueName } from '../../model/graph.ts';
import { isDotProduct, isMultiHead } from '../../model/half.ts';
import type { Operator } from '../engine.ts';
import { inHeads, type Mask, outOfHeads, seenOf, whereSeen } from '../ops/attention.ts';
import { stepMask } from '../ops/merge.ts';
import { halfSoftmax } from './activations.ts';
import type { HalfArithmetic } from './arithmetic.ts';
import { sumsOfProducts } from './products.ts';
import { sumOfLast } from './sums.ts';

/** Attention in the order of Keras' operations (3.15), each of which rounds. */
export function halfAttention(half: HalfArithmetic, node: AttentionNode): Operator['forward'] {
  return isDotProduct(node) ? dotProductAttention(half, node) : layerAttention(half, node);
}

/** `keras.ops.dot_product_attention`: a softmax in float32 between two products whose every sum is rounded. */
function dotProductAttention(half: HalfArithmetic, node: AttentionNode): Operator['forward'] {
  const { heads = 1, factor = 1 } = node;
  return (value) => {
    const [query, values, key] = (node.inputs.map(value) as tf.Tensor3D[]).map((x) => inHeads(x, heads));
    const axes = query.shape.map((_, axis) => axis);
    const turned = tf.transpose(key, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
    const scores = tf.mul(sumsOfProducts(half, query, turned), factor);
    const [queryMask, ...others] = masksOf(node, value);
    const seen = seenOf(node, scores, queryMask, others);
    const low = tf.fill(scores.shape, largestBfloat16 * -0.7);
    const shares = half.rounded(tf.softmax(seen ? whereSeen(seen, scores, low) : scores));
    return [outOfHeads(sumsOfProducts(half, shares, values))];
  };
}

const largestBfloat16 = 3.38953e38;

function masksOf({ masks = [] }: AttentionNode, value: (name: ValueName) => tf.Tensor): Mask[] {
  return masks.map((mask) => (mask === undefined ? undefined : value(mask)));
}

/** `keras/src/layers/attention`, and MultiHeadAttention with dropout. */
function layerAttention(half: HalfArithmetic, node: AttentionNode): Operator['forward'] {
  const { heads = 1, unseen, factor } = node;
  // Its Softmax layer replaces scores, and puts out 0 for them; Attention lowers them.
  const replaces = isMultiHead(node);
  const { mul, sub, product, rounded } = half;
  const number = (value: number) => rounded(tf.scalar(value));
  return (value, variables) => {
    const [query, values, key = values] = node.inputs.map(value) as tf.Tensor3D[];
    const [queryMask, ...others] = masksOf(node, value);
    const scaled = factor === undefined ? query : (mul(query, number(factor)) as tf.Tensor3D);
    const weights = variables.map(({ tensor }) => tensor);
    const scores = scoresOf(half, node, inHeads(scaled, heads), inHeads(key, heads), weights);
    const seen = seenOf(node, scores, unseen && queryMask, others);
    const shares = halfSoftmax(half, seen ? hidden(scores, seen) : scores, 'Softmax');
    const heeded = seen && replaces ? whereSeen(seen, shares, tf.zerosLike(shares)) : shares;
    const attended = outOfHeads(product(tf.matMul(heeded, inHeads(values, heads))));
    if (!queryMask || unseen) return [attended];
    return [tf.where(stepMask(queryMask, attended.shape), attended, tf.zerosLike(attended))];
  };

  /** Scores that are low where what is not seen stands. */
  function hidden(scores: tf.Tensor, seen: tf.Tensor): tf.Tensor {
    const inFloat16 = half.type === 'float16';
    const low = replaces
      ? tf.fill(scores.shape, inFloat16 ? -3e4 : number(-1e9).dataSync()[0])
      : sub(scores, number(inFloat16 ? 65504 : 1e9));
    return whereSeen(seen, scores, low);
  }
}

function scoresOf(
  half: HalfArithmetic,
  node: AttentionNode,
  query: tf.Tensor,
  key: tf.Tensor,
  weights: readonly tf.Tensor[],
): tf.Tensor {
  const { mul, product } = half;
  const scale = node.scale && weights[0];
  if (node.score !== 'dot') {
    const weight = node.weight && weights[weights.length - 1];
    const sums = sumScores(half, query, key, (sum) =>
      node.score === 'additive'
        ? scaledBy(half.rounded(tf.tanh(sum)), scale)
        : half.rounded(tf.tanh(scaledBy(sum, scale))),
    );
    return scaledBy(sums, weight);
  }
  return scaledBy(product(tf.matMul(query, key, false, true)), scale);

  function scaledBy(x: tf.Tensor, factor: tf.Tensor | undefined): tf.Tensor {
    return factor ? mul(x, factor) : x;
  }
}

/** Scores [B,Q,T] that add up what is made of query + key [Q,T,D], sample by sample, so that not all sums are kept at once. */
function sumScores(
  half: HalfArithmetic,
  query: tf.Tensor,
  key: tf.Tensor,
  made: (sum: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  const keys = tf.unstack(key);
  const scores = tf
    .unstack(query)
    .map((one, i) =>
      tf.tidy(() => sumOfLast(half, made(half.add(tf.expandDims(one, 1), tf.expandDims(keys[i], 0))))),
    );
  return tf.stack(scores);
}
