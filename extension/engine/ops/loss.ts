import * as tf from '@tensorflow/tfjs-core';
import type { Operator } from '../engine.ts';
import { BatchLoss } from '../losses/batchLoss.ts';
import type { NodeOf } from '../operators.ts';

/**
 * Mean loss over the rows that count, and their number; computed in float64 outside TensorFlow.js, with its own gradient
 * to the first input.
 */
export function lossOperator(node: NodeOf<'Loss'>): Operator {
  return {
    weights: [],
    forward: (value, _, { training }) => {
      const [outputs, targets] = node.inputs.map(value);
      const mask = node.mask === undefined ? undefined : value(node.mask);
      const batch = new BatchLoss(node.loss, targets.dataSync(), mask?.dataSync(), outputs.shape[0]);
      return [mean(outputs, batch, training), tf.scalar(batch.count)];
    },
  };
}

function mean(outputs: tf.Tensor, batch: BatchLoss, training: boolean): tf.Tensor {
  const compute = tf.customGrad((x) => {
    const z = (x as tf.Tensor).dataSync() as Float32Array;
    const gradient = training ? new Float32Array(z.length) : undefined;
    const loss = batch.mean(z, gradient);
    const gradFunc = (dy: tf.Tensor) => tf.mul(tf.tensor(gradient as Float32Array, outputs.shape), dy);
    return { value: tf.scalar(loss), gradFunc };
  });
  return compute(outputs);
}
