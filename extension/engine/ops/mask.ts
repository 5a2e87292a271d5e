import * as tf from '@tensorflow/tfjs-core';
import type { Operator } from '../engine.ts';
import { type NodeOf, stateless } from '../operators.ts';

/** Masks are float tensors of 0 and 1, so that they multiply. They are steps, whose gradient is 0. */
export function notEqualMaskOperator(node: NodeOf<'NotEqualMask'>): Operator {
  const compute = tf.customGrad((given) => {
    const x = given as tf.Tensor;
    const differs = tf.notEqual(x, tf.scalar(node.value, x.dtype as 'float32' | 'int32'));
    const value = tf.cast(node.overFeatures ? tf.any(differs, -1) : differs, 'float32');
    return { value, gradFunc: () => tf.zeros(x.shape) };
  });
  return stateless(node, (x) => compute(x));
}

/** Steps before the length of lengths [B] are real. */
export function lengthMaskOperator(node: NodeOf<'LengthMask'>): Operator {
  return stateless(node, (lengths, x) => {
    const [batch, steps] = x.shape;
    const numbers = tf.broadcastTo(tf.range(0, steps), [batch, steps]);
    return tf.cast(tf.less(numbers, tf.reshape(lengths, [batch, 1])), 'float32');
  });
}

/** x [B,T,I] with the masked steps set to 0. */
export function applyMaskOperator(node: NodeOf<'ApplyMask'>): Operator {
  return stateless(node, (x, mask) => tf.mul(x, tf.expandDims(mask, -1)));
}

export function combineMasksOperator(node: NodeOf<'And' | 'Or'>): Operator {
  const combine = node.op === 'And' ? tf.mul : tf.maximum;
  return stateless(node, (...masks) => masks.reduce((a, b) => combine(a, b)));
}
