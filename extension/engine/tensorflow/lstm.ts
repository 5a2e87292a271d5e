import * as tf from '@tensorflow/tfjs-core';
import type { RecurrentNode } from '../../model/graph.ts';
import type { Message } from '../../protocol/messages.ts';
import { beyondPlain } from '../beyondPlain.ts';
import type { Operator, WeightUse } from '../engine.ts';
import { recurrentOperator } from '../ops/recurrent.ts';
import { dropInputs, summedBias } from './layer.ts';
import {
  batchFirst,
  type LstmInputs,
  lstmBackward,
  lstmForward,
  lstmInputGradient,
  type Sizes,
  timeFirst,
} from './lstmKernel.ts';
import type { NativeBackend } from './native.ts';
import { Operations } from './operations.ts';

const kernelName = 'LstmPrunerLstm';

interface Attributes {
  readonly sizes: Sizes;
  readonly reversed: boolean;
  /** Gradients will be taken: what they need is put out first. */
  readonly training: boolean;
  /** Which are wanted: all outputs [B,T,H], the last one, the last cell state [B,H]. */
  readonly wants: readonly [boolean, boolean, boolean];
}

/** LSTM layers with sigmoid gates and tanh, without masks; others, and a recurrent dropout, step by step as anywhere. */
export function lstmOperator(node: RecurrentNode): Operator | undefined {
  if (!isPlain(node)) return undefined;
  const generic = recurrentOperator(node);
  const { hiddenSize, inputSize } = node.layer;
  return {
    weights: generic.weights,
    forward: (value, variables, run) => {
      const [x, h0, c0] = node.inputs.map(value);
      const [batch, length] = x.shape;
      const dropping = run.dropoutSeed !== undefined && (node.recurrentDropout ?? 0) > 0;
      if (batch === 0 || length === 0 || dropping) return generic.forward(value, variables, run);
      const zeros = tf.zeros([batch, hiddenSize]);
      const inputs = {
        x: dropInputs(node, x, run.dropoutSeed),
        kernel: variables[0].tensor,
        recurrent: variables[1].tensor,
        bias: summedBias(variables),
        h0: h0 ?? zeros,
        c0: c0 ?? zeros,
      };
      const wanted = node.outputs.map((name) => run.wants(name));
      const attributes: Attributes = {
        sizes: { batch, length, inputSize, hiddenSize },
        reversed: node.reverse === true,
        training: run.training,
        // Without a mask the last output is the final state.
        wants: [wanted[0], wanted[1] || wanted[2], wanted[3]].map(Boolean) as unknown as Attributes['wants'],
      };
      const outputs = tf
        .engine()
        .runKernel<tf.Tensor[]>(kernelName, inputs, attributes as unknown as tf.NamedAttrMap);
      const [sequence, last, cell] = wantedOutputs(attributes, outputs);
      return [sequence, last, last, cell];
    },
  };
}

/** Why a recurrent layer is not computed by `lstmOperator`, or not while training. */
export function lstmSlowness(node: RecurrentNode, purpose: WeightUse['purpose']): Message | undefined {
  const drops = purpose === 'training' && (node.recurrentDropout ?? 0) > 0;
  const whole = node.op === 'LSTM' && isPlain(node) && !drops;
  return whole ? undefined : { code: 'reasonOnlyPlainLstm', args: {} };
}

function isPlain(node: RecurrentNode): boolean {
  const { gateActivation, activation, mask } = node;
  const usual = gateActivation.op === 'Sigmoid' && activation.op === 'Tanh';
  return usual && mask === undefined && !beyondPlain(node);
}

function wantedOutputs<T>({ training, wants }: Attributes, outputs: readonly T[]): (T | undefined)[] {
  let next = training ? traceLength : 0;
  return wants.map((wanted) => (wanted ? outputs[next++] : undefined));
}

/** Inputs of the layer, and its states: `LstmTrace`. */
const traceLength = 8;

function forward(
  backend: NativeBackend,
  inputs: LstmInputs,
  { sizes, reversed, training, wants }: Attributes,
) {
  const { xs, states } = lstmForward(backend, inputs, sizes, reversed);
  const [, cells, , , , , h] = states;
  const { batch, length, hiddenSize } = sizes;
  const last = (steps: tf.Tensor) =>
    tf.reshape(tf.slice(steps, [length - 1, 0, 0], [1, batch, hiddenSize]), [batch, hiddenSize]);
  const sequence = () => Operations.scope(backend, (ops) => ops.take(batchFirst(ops, ops.of(h), reversed)));
  const made = [sequence, () => last(h), () => last(cells)];
  const outputs = made.filter((_, i) => wants[i]).map((make) => make());
  if (training) return [xs, ...states, ...outputs];
  tf.dispose([xs, ...states]);
  return outputs;
}

function stepsOf(backend: NativeBackend, sequence: tf.Tensor, reversed: boolean): tf.Tensor {
  return Operations.scope(backend, (ops) => ops.take(timeFirst(ops, ops.of(sequence), reversed)));
}

/** Makes the layer known to TensorFlow.js, once in a process. */
export function registerLstm(): void {
  if (tf.getKernel(kernelName, 'tensorflow')) return;
  tf.registerKernel({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs, backend }) =>
      forward(backend as NativeBackend, inputs as unknown as LstmInputs, attrs as unknown as Attributes),
  });
  tf.registerGradient({
    kernelName,
    inputsToSave: ['kernel', 'recurrent', 'bias', 'h0', 'c0'],
    outputsToSave: Array.from({ length: traceLength }, () => true),
    gradFunc: (dy, saved, attrs) => {
      const attributes = attrs as unknown as Attributes;
      const { sizes, reversed } = attributes;
      const backend = tf.backend() as unknown as NativeBackend;
      const [kernel, recurrent, bias, h0, c0, xs, ...states] = saved;
      const [sequence, lastH, lastC] = wantedOutputs(attributes, dy as tf.Tensor[]);
      const h = sequence && stepsOf(backend, sequence, reversed);
      const gradients = lstmBackward(backend, { kernel, recurrent, bias, h0, c0 }, { xs, states }, sizes, {
        h,
        lastH,
        lastC,
      });
      return {
        x: () => lstmInputGradient(backend, gradients, sizes, reversed),
        kernel: () => gradients.kernel,
        recurrent: () => gradients.recurrent,
        bias: () => gradients.bias,
        h0: () => gradients.h0,
        c0: () => gradients.c0,
      };
    },
  });
}
