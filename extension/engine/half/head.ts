import * as tf from '@tensorflow/tfjs-core';
import { clip } from '../losses/clip.ts';
import { halfElementwise, halfSoftmax } from './activations.ts';
import type { HalfArithmetic } from './arithmetic.ts';

type Head = 'Softmax' | 'Sigmoid';

/**
 * The logarithms of the probabilities that a softmax puts out, or the logits of a sigmoid's.
 * @param inFloats nothing but the probabilities is rounded
 */
export function logitsOfHead(half: HalfArithmetic, head: Head, x: tf.Tensor, inFloats: boolean): tf.Tensor {
  const probabilities = inFloats
    ? half.rounded(head === 'Softmax' ? tf.softmax(x) : tf.sigmoid(x))
    : head === 'Softmax'
      ? halfSoftmax(half, x, head)
      : halfElementwise(half, { op: head }, x);
  const logits = (probabilities.dataSync() as Float32Array).map((probability) => {
    const p = clip(probability);
    return head === 'Softmax' ? Math.log(p) : Math.log(p / (1 - p));
  });
  return tf.tensor(logits, x.shape, 'float32');
}

/** The probabilities again, but for those that were clipped. */
export function probabilitiesOf(half: HalfArithmetic, head: Head, logits: tf.Tensor): tf.Tensor {
  return half.rounded(head === 'Softmax' ? tf.exp(logits) : tf.sigmoid(logits));
}
