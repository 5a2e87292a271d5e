import * as tf from '@tensorflow/tfjs-core';
import type { RecurrentNode } from '../../model/graph.ts';
import type { CellArithmetic, Step } from '../ops/recurrent.ts';
import { halfCellActivation, letIn } from './activations.ts';
import type { HalfArithmetic } from './arithmetic.ts';

/** A recurrent cell in the order of Keras' operations (3.15, `keras/src/layers/rnn`), each of which rounds. */
export function halfCell(half: HalfArithmetic, node: RecurrentNode): CellArithmetic {
  const { op } = node;
  const steps: Record<RecurrentNode['op'], (half: HalfArithmetic) => Step> = {
    LSTM: lstm,
    GRU: gru,
    RNN: rnn,
  };
  return {
    enter: (kernel, input, bias) => half.add(half.product(tf.matMul(kernel, input)), bias),
    // Keras adds an LSTM's bias last, but where it computes gate by gate.
    lateBias: op === 'LSTM' && !isGateByGate(node),
    step: steps[op](half),
  };
}

/** Whether Keras computes each gate by itself, as it also does where each drops its own states. */
function isGateByGate({ gateByGate = false, recurrentDropout = 0 }: RecurrentNode): boolean {
  return gateByGate || recurrentDropout > 0;
}

const lstm =
  (half: HalfArithmetic): Step =>
  (node, entered, [h, c], { recurrent, recurrentBias }) => {
    const { add, mul } = half;
    const sum = add(entered, half.product(tf.matMul(recurrent, h)));
    const [i, f, candidate, o] = tf.split(add(sum, recurrentBias), 4, 0);
    const gate = (x: tf.Tensor) => halfCellActivation(half, node.gateActivation, x);
    const activation = (x: tf.Tensor) => halfCellActivation(half, node.activation, x);
    const entering = isGateByGate(node)
      ? mul(gate(i), activation(candidate))
      : letIn(half, node, i, candidate);
    const cell = add(mul(gate(f), c), entering);
    return [mul(gate(o), activation(cell)), cell] as tf.Tensor2D[];
  };

const gru =
  (half: HalfArithmetic): Step =>
  (node, entered, [h], { recurrent, recurrentBias }) => {
    const { add, sub, mul } = half;
    const { hiddenSize } = node.layer;
    const gate = (x: tf.Tensor) => halfCellActivation(half, node.gateActivation, x);
    const product = half.product(tf.matMul(recurrent, h));
    const [xz, xr, xh] = tf.split(entered, 3, 0);
    const [hz, hr, hh] = tf.split(add(product, recurrentBias), 3, 0);
    const [z, r] = [gate(add(xz, hz)), gate(add(xr, hr))];
    const rows = () => tf.slice(recurrent, [2 * hiddenSize, 0]);
    const inner = node.linearBeforeReset
      ? mul(r, hh)
      : half.product(tf.matMul(rows(), mul(r, h) as tf.Tensor2D));
    const candidate = halfCellActivation(half, node.activation, add(xh, inner));
    return [add(mul(z, h), mul(sub(tf.onesLike(z), z), candidate)) as tf.Tensor2D];
  };

const rnn =
  (half: HalfArithmetic): Step =>
  (node, entered, [h], { recurrent }) => {
    const sum = half.add(entered, half.product(tf.matMul(recurrent, h)));
    return [halfCellActivation(half, node.activation, sum) as tf.Tensor2D];
  };
