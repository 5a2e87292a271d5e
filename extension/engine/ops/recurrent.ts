import * as tf from '@tensorflow/tfjs-core';
import type { RecurrentNode } from '../../model/graph.ts';
import type { Operator } from '../operators.ts';
import { canonicalWeights } from './canonical.ts';
import { gruStep } from './gru.ts';
import { lstmStep } from './lstm.ts';
import { rnnStep } from './rnn.ts';

/** State between two steps; the first tensor is h [H,B]. */
export type State = readonly tf.Tensor2D[];

/** A layer's recurrent weights for one run. */
export interface StepWeights {
  /** [G·H, H] */
  readonly recurrent: tf.Tensor2D;
  /** [G·H, B]; zero but for a GRU with linear_before_reset. */
  readonly recurrentBias: tf.Tensor2D;
}

/**
 * One step of a cell. The batch is the last axis, so that a gate is a block of whole rows and taking one copies nothing
 * but memory in order; this backend's other slices go value by value.
 * @param projected kernel times the step's input, plus the input bias: [G·H, B], gates in canonical order
 * @param state h [H,B] and, of an LSTM, c [H,B]
 */
export type Step = (node: RecurrentNode, projected: tf.Tensor2D, state: State, weights: StepWeights) => State;

const steps: Record<RecurrentNode['op'], Step> = { LSTM: lstmStep, GRU: gruStep, RNN: rnnStep };

/** A recurrent layer over x [B,T,I] from a zero state: all hidden states [B,T,H] and the last output [B,H]. */
export function recurrentOperator(node: RecurrentNode): Operator {
  return {
    weights: (read) => canonicalWeights(node.layer, node.linearBeforeReset === true, read),
    forward: (value, weights) => {
      const x = value(node.inputs[0]) as tf.Tensor3D;
      const mask = node.mask === undefined ? undefined : (value(node.mask) as tf.Tensor2D);
      return unroll(node, x, mask, weights);
    },
  };
}

function unroll(
  node: RecurrentNode,
  x: tf.Tensor3D,
  mask: tf.Tensor2D | undefined,
  [kernel, recurrent, inputBias, recurrentBias]: readonly tf.Tensor[],
): tf.Tensor[] {
  const [batch, length] = x.shape;
  const { hiddenSize } = node.layer;
  const inputs = tf.transpose(x, [1, 2, 0]);
  const real = mask && maskBySteps(mask, hiddenSize);
  const bias = overBatch(inputBias, batch);
  const weights = { recurrent: recurrent as tf.Tensor2D, recurrentBias: overBatch(recurrentBias, batch) };
  let state: State = Array.from({ length: node.op === 'LSTM' ? 2 : 1 }, () => tf.zeros([hiddenSize, batch]));
  let output = state[0];
  const outputs: tf.Tensor2D[] = [];
  for (let t = 0; t < length; t++) {
    [output, ...state] = tf.tidy(() => {
      const projected = tf.add(tf.matMul(kernel as tf.Tensor2D, at(inputs, t)), bias) as tf.Tensor2D;
      const next = steps[node.op](node, projected, state, weights);
      if (!real) return [next[0], ...next];
      const here = at(real, t);
      // A choice, not a product with the mask: 0 times NaN would be NaN.
      const held = next.map((now, i) => tf.where(here, now, state[i]) as tf.Tensor2D);
      return [node.zeroMaskedOutput ? tf.where(here, next[0], tf.zerosLike(next[0])) : held[0], ...held];
    }) as [tf.Tensor2D, ...tf.Tensor2D[]];
    outputs.push(output);
  }
  const sequence =
    length === 0 ? tf.zeros([batch, 0, hiddenSize]) : tf.transpose(tf.stack(outputs), [2, 0, 1]);
  return [sequence, tf.transpose(output)];
}

/** Matrix t of a stack [T,rows,B]. */
function at(stack: tf.Tensor3D, t: number): tf.Tensor2D {
  const [, rows, columns] = stack.shape;
  return tf.reshape(tf.slice(stack, [t, 0, 0], [1, rows, columns]), [rows, columns]);
}

/** A vector [n] as [n,B]: adding matrices of one shape is many times faster than broadcasting. */
function overBatch(vector: tf.Tensor, batch: number): tf.Tensor2D {
  return tf.tile(tf.reshape(vector, [vector.size, 1]), [1, batch]);
}

/** A mask [B,T] as truth values [T,H,B]. */
function maskBySteps(mask: tf.Tensor2D, hiddenSize: number): tf.Tensor3D {
  const [batch, length] = mask.shape;
  const bySteps = tf.reshape(tf.transpose(mask), [length, 1, batch]);
  return tf.cast(tf.tile(bySteps, [1, hiddenSize, 1]), 'bool') as tf.Tensor3D;
}
