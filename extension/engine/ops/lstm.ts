import * as tf from '@tensorflow/tfjs-core';
import { cellActivation } from './cellActivation.ts';
import type { Step } from './recurrent.ts';

/**
 * LSTM without peepholes (Hochreiter & Schmidhuber 1997; forget gate by Gers et al. 2000), ONNX LSTM:
 * i, f, o = gate(…), c~ = act(…), c' = f c + i c~, h' = o act(c').
 */
export const lstmStep: Step = (node, projected, [h, c], { recurrent, dropped }) => {
  const input = (dropped ? tf.mul(h, dropped) : h) as tf.Tensor2D;
  const z = tf.add(projected, tf.matMul(recurrent, input)) as tf.Tensor2D;
  const [i, f, candidate, o] = tf.split(z, 4, 0);
  const { gateActivation: gate, activation: act } = node;
  const kept = tf.mul(cellActivation(gate, f), c);
  const cell = tf.add(kept, tf.mul(cellActivation(gate, i), cellActivation(act, candidate))) as tf.Tensor2D;
  return [tf.mul(cellActivation(gate, o), cellActivation(act, cell)) as tf.Tensor2D, cell];
};
