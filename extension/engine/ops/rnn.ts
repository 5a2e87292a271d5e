import * as tf from '@tensorflow/tfjs-core';
import { cellActivation, clipped } from './cellActivation.ts';
import type { Step } from './recurrent.ts';

/** Plain RNN (Elman 1990): h' = act(x W + b + h R). */
export const rnnStep: Step = (node, projected, [h], { recurrent, dropped }) => {
  const input = (dropped ? tf.mul(h, dropped) : h) as tf.Tensor2D;
  const sum = tf.add(projected, tf.matMul(recurrent, input));
  return [cellActivation(node.activation, clipped(sum, node.clip))];
};
