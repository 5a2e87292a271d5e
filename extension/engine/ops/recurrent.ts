import * as tf from '@tensorflow/tfjs-core';
import type { RecurrentNode } from '../../model/graph.ts';
import type { Operator } from '../operators.ts';
import { canonicalWeights } from './canonical.ts';
import { gruStep } from './gru.ts';
import { lstmStep } from './lstm.ts';
import { rnnStep } from './rnn.ts';

/** State between two steps; the first tensor is h [B,H]. */
export type State = readonly tf.Tensor2D[];

/**
 * One step of a cell.
 * @param projected the step's input times the kernel, plus the input bias: [B, G·H], gates in canonical order
 * @param state h [B,H] and, of an LSTM, c [B,H]
 * @param recurrent [G·H, H]
 * @param recurrentBias [G·H]
 */
export type Step = (
  node: RecurrentNode,
  projected: tf.Tensor2D,
  state: State,
  recurrent: tf.Tensor2D,
  recurrentBias: tf.Tensor1D,
) => State;

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
  const [batch, length, inputSize] = x.shape;
  const { hiddenSize } = node.layer;
  const width = kernel.shape[0];
  // One product for all steps: the input does not wait for the state.
  const rows = tf.reshape(x, [batch * length, inputSize]);
  const projected = tf.reshape(tf.add(tf.matMul(rows, kernel as tf.Tensor2D, false, true), inputBias), [
    batch,
    length,
    width,
  ]);
  let state: State = Array.from({ length: node.op === 'LSTM' ? 2 : 1 }, () => tf.zeros([batch, hiddenSize]));
  let output = state[0];
  const outputs: tf.Tensor2D[] = [];
  for (let t = 0; t < length; t++) {
    [output, ...state] = tf.tidy(() => {
      const at = tf.reshape(tf.slice(projected, [0, t, 0], [batch, 1, width]), [batch, width]) as tf.Tensor2D;
      const next = steps[node.op](node, at, state, recurrent as tf.Tensor2D, recurrentBias as tf.Tensor1D);
      if (!mask) return [next[0], ...next];
      const real = tf.slice(mask, [0, t], [batch, 1]);
      const held = next.map((now, i) => hold(real, now, state[i]));
      return [node.zeroMaskedOutput ? (tf.mul(next[0], real) as tf.Tensor2D) : held[0], ...held];
    });
    outputs.push(output);
  }
  const sequence = length === 0 ? tf.zeros([batch, 0, hiddenSize]) : tf.stack(outputs, 1);
  return [sequence, output];
}

/** The new value at real steps (mask 1), the old one at masked steps. A product with 0 would let NaN through. */
function hold(real: tf.Tensor2D, now: tf.Tensor2D, before: tf.Tensor2D): tf.Tensor2D {
  return tf.where(tf.cast(real, 'bool'), now, before) as tf.Tensor2D;
}
