import * as tf from '@tensorflow/tfjs-core';
import { elementwise } from './elementwise.ts';
import type { Step } from './recurrent.ts';

/** Plain RNN (Elman 1990): h' = act(x W + b + h R + rb). */
export const rnnStep: Step = (node, projected, [h], recurrent, recurrentBias) => {
  const z = tf.add(tf.add(projected, tf.matMul(h, recurrent, false, true)), recurrentBias) as tf.Tensor2D;
  return [elementwise(node.activation, z)];
};
