import * as tf from '@tensorflow/tfjs-core';
import type { RecurrentNode } from '../../model/graph.ts';
import { dropoutMask } from '../dropoutMask.ts';
import type { Variable } from '../engine.ts';

/** x [B,T,I] with the layer's dropout: the same factors for all steps of a sample. */
export function dropInputs(node: RecurrentNode, x: tf.Tensor, seed: number | undefined): tf.Tensor {
  if (!node.dropout || seed === undefined) return x;
  const [batch, , width] = x.shape;
  const factors = dropoutMask(batch * width, node.dropout, seed, `${node.outputs[0]} inputs`);
  return tf.mul(x, tf.tensor3d(factors, [batch, 1, width]));
}

/** One bias of the two that `recurrentWeights` gives. */
export function summedBias([, , first, second]: readonly Variable[]): tf.Tensor {
  return second.weight.parts.length === 0 ? first.tensor : tf.add(first.tensor, second.tensor);
}
