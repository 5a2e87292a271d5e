import * as tf from '@tensorflow/tfjs-core';
import type { CellActivation } from '../../model/graph.ts';
import { elementwise } from './elementwise.ts';

/** An activation inside a recurrent cell, of x [H,B]: a softmax runs over the units. */
export function cellActivation(activation: CellActivation, x: tf.Tensor): tf.Tensor2D {
  switch (activation.op) {
    case 'Softmax':
      return tf.transpose(tf.softmax(tf.transpose(x))) as tf.Tensor2D;
    case 'LogSoftmax':
      return tf.transpose(tf.logSoftmax(tf.transpose(x))) as tf.Tensor2D;
    default:
      return elementwise(activation, x) as tf.Tensor2D;
  }
}

/** What goes into an activation, within ±limit where there is one. */
export function clipped(x: tf.Tensor, limit: number | undefined): tf.Tensor {
  return limit === undefined ? x : tf.clipByValue(x, -limit, limit);
}
