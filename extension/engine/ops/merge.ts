import * as tf from '@tensorflow/tfjs-core';
import type { MergeNode } from '../../model/mergeNode.ts';
import { mergedAxes } from '../../ops/merge.ts';
import type { Operator } from '../engine.ts';

type Combine = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** How two inputs become one; of Mean, whose sum is divided in the end, by adding. */
export const combine: Record<MergeNode['op'], Combine> = {
  Add: tf.add,
  Sub: tf.sub,
  Mul: tf.mul,
  Div: tf.div,
  Pow: tf.pow,
  Mean: tf.add,
  Max: (a, b) => tf.maximum(...repeated(a, b)),
  Min: (a, b) => tf.minimum(...repeated(a, b)),
};

/** Both in the shape of the result. TensorFlow.js' gradients of maximum and minimum do not sum over what was repeated. */
function repeated(a: tf.Tensor, b: tf.Tensor): [tf.Tensor, tf.Tensor] {
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  return [tf.broadcastTo(a, shape), tf.broadcastTo(b, shape)];
}

/** Several inputs, value by value; see `MergeNode` for the shapes and masks that they may have. */
export function mergeOperator(node: MergeNode, by: Combine = combine[node.op]): Operator {
  return {
    weights: [],
    forward: (value) => {
      const inputs = node.inputs.map(value);
      const rank = Math.max(...inputs.map((x) => x.rank));
      const aligned = inputs.map((x) => (x.rank === rank ? x : tf.reshape(x, mergedAxes(x.shape, rank))));
      if (node.masks) {
        const masks = node.masks.map((mask, i) =>
          mask === undefined ? undefined : stepMask(value(mask), aligned[i].shape),
        );
        return [(node.op === 'Mul' ? maskedProduct : maskedChoice)(by, aligned, masks)];
      }
      const merged = aligned.reduce(by);
      return [node.op === 'Mean' ? tf.div(merged, aligned.length) : merged];
    },
  };
}

type Mask = tf.Tensor | undefined;

/** A mask [B,T] as truth values of this shape [B,T,…]. Repeated while they are numbers, which is the faster way. */
export function stepMask(mask: tf.Tensor, shape: number[]): tf.Tensor {
  const steps = tf.reshape(mask, [...mask.shape, ...Array(shape.length - mask.rank).fill(1)]);
  return tf.cast(tf.broadcastTo(steps, shape), 'bool');
}

/** Masked factors are 1, and the product 0 where all are masked (Keras 3, Multiply). */
function maskedProduct(by: Combine, factors: readonly tf.Tensor[], masks: readonly Mask[]): tf.Tensor {
  const product = factors
    .map((x, i) => {
      const mask = masks[i];
      return mask ? tf.where(mask, x, tf.onesLike(x)) : x;
    })
    .reduce(by);
  const real = masks.reduce((any, mask) => any && mask && tf.logicalOr(any, mask));
  return real ? tf.where(real, product, tf.zerosLike(product)) : product;
}

/** Masked inputs stay out of the choice (Keras 3, Maximum and Minimum). */
function maskedChoice(by: Combine, inputs: readonly tf.Tensor[], masks: readonly Mask[]): tf.Tensor {
  let [chosen, real] = [inputs[0], masks[0]];
  for (const [i, x] of inputs.entries()) {
    if (i === 0) continue;
    const mask = masks[i];
    const other = mask ? tf.where(mask, x, chosen) : x;
    chosen = by(real ? tf.where(real, chosen, other) : chosen, other);
    real = real && mask && tf.logicalOr(real, mask);
  }
  return chosen;
}
