import * as tf from '@tensorflow/tfjs-core';
import { cellActivation, clipped } from './cellActivation.ts';
import type { Step } from './recurrent.ts';

/**
 * GRU (Cho et al. 2014), ONNX GRU: z, r = gate(…), h' = z h + (1 − z) h~ with h~ = act(x W + b + (r h) R + rb), or with
 * linear_before_reset (Keras' reset_after, cuDNN) act(x W + b + r (h R + rb)).
 */
export const gruStep: Step = (node, projected, [h], { recurrent, recurrentBias, dropped }) => {
  const { hiddenSize } = node.layer;
  const { gateActivation: gate, activation: act, clip } = node;
  const input = (dropped ? tf.mul(h, dropped) : h) as tf.Tensor2D;
  const [xz, xr, xh] = tf.split(projected, 3, 0);
  const [hz, hr, hh] = tf.split(tf.add(tf.matMul(recurrent, input), recurrentBias) as tf.Tensor2D, 3, 0);
  const z = cellActivation(gate, clipped(tf.add(xz, hz), clip));
  const r = cellActivation(gate, clipped(tf.add(xr, hr), clip));
  const inner = () => {
    if (node.linearBeforeReset) return tf.mul(r, hh);
    const candidateRows = tf.slice(recurrent, [2 * hiddenSize, 0]);
    return tf.matMul(candidateRows, tf.mul(r, input) as tf.Tensor2D);
  };
  const candidate = cellActivation(act, clipped(tf.add(xh, inner()), clip));
  return [tf.add(tf.mul(z, h), tf.mul(tf.sub(tf.onesLike(z), z), candidate)) as tf.Tensor2D];
};
