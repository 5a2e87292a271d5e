import * as tf from '@tensorflow/tfjs-core';
import type { RecurrentNode, ValueName } from '../../model/graph.ts';
import type { Message } from '../../protocol/messages.ts';
import { beyondPlain } from '../beyondPlain.ts';
import { dropoutMask } from '../dropoutMask.ts';
import type { Operator, Run } from '../engine.ts';
import { recurrentWeights } from '../ops/recurrentWeights.ts';
import { kernelActivation } from './recurrentActivation.ts';
import type { RecurrentMatrix } from './recurrentMatrix.ts';
import {
  type OutputName,
  type RecurrentCall,
  recurrentForward,
  recurrentOnTape,
} from './recurrentOperation.ts';
import { panelWidth } from './recurrentWidth.ts';
import type { KernelActivation } from './recurrentWorkspace.ts';
import { runtime } from './runtime.ts';
import type { WasmVariable } from './variable.ts';

/** The node's outputs in their order. */
const outputNames: readonly OutputName[] = ['sequence', 'last', 'final', 'finalCell'];

/**
 * A recurrent layer in our kernels, either matrix dense or sparse. Undefined where the cell has something that they do
 * not; ops/recurrent.ts computes it, several times slower.
 */
export function recurrentOperator(node: RecurrentNode): Operator | undefined {
  const gate = node.op === 'RNN' ? identity : kernelActivation(node.gateActivation);
  const activation = kernelActivation(node.activation);
  if (!gate || !activation || beyondPlain(node)) return undefined;
  return {
    weights: recurrentWeights(node.layer),
    sparse: [true, true, false, false],
    forward: (value, variables, run) => {
      const call = callOf(node, { gate, activation }, value, variables as readonly WasmVariable[], run);
      const outputs = run.training ? recurrentOnTape(call) : recurrentForward(call);
      return node.outputs.map((_, i) => outputs[outputNames[i]]);
    },
  };
}

/** Why `recurrentOperator` is none. */
export function recurrentSlowness(node: RecurrentNode): Message | undefined {
  const activations = node.op === 'RNN' ? [node.activation] : [node.gateActivation, node.activation];
  const missing = activations.find((activation) => !kernelActivation(activation));
  const option: Message | undefined = missing
    ? { code: 'optionActivation', args: { name: missing.op } }
    : beyondPlain(node);
  return option && { code: 'reasonNoKernel', args: { option } };
}

const identity: KernelActivation = { kind: 0, alpha: 0, beta: 0 };

function callOf(
  node: RecurrentNode,
  activations: { readonly gate: KernelActivation; readonly activation: KernelActivation },
  value: (name: ValueName) => tf.Tensor,
  variables: readonly WasmVariable[],
  { training, dropoutSeed, wants }: Run,
): RecurrentCall {
  const [x, h, c] = node.inputs.map(value);
  const [kernel, recurrent, inputBias, recurrentBias] = variables;
  const [batch, steps, inputs] = x.shape;
  const units = node.layer.hiddenSize;
  const factors = (rate: number | undefined, width: number, what: string) =>
    rate && dropoutSeed !== undefined
      ? dropoutMask(width * batch, rate, dropoutSeed, `${node.outputs[0]} ${what}`)
      : undefined;
  const dropout = factors(node.dropout, inputs, 'inputs');
  const recurrentDropout = factors(node.recurrentDropout, units, 'state');
  const sparse = kernel.structure !== undefined && recurrent.structure !== undefined;
  const wanted = outputNames.filter((_, i) => i < node.outputs.length && wants(node.outputs[i]));
  return {
    shape: {
      cell: node.op === 'GRU' && node.linearBeforeReset ? 'resetAfter' : node.op,
      batch,
      steps,
      inputs,
      units,
      ...activations,
      reverse: node.reverse === true,
      zeroMaskedOutput: node.zeroMaskedOutput === true,
      masked: node.mask !== undefined,
      inputDropout: dropout !== undefined,
      recurrentDropout: recurrentDropout !== undefined,
      saved: training,
      sequence: wanted.includes('sequence'),
      width: panelWidth(batch, units, runtime().pool.threads, sparse),
    },
    tensors: {
      x,
      ...(h && { h }),
      ...(c && { c }),
      kernel: kernel.tensor,
      recurrent: recurrent.tensor,
      inputBias: inputBias.tensor,
      recurrentBias: recurrentBias.tensor,
    },
    weights: {
      kernel: matrixOf(kernel),
      recurrent: matrixOf(recurrent),
      inputBias: biasOf(inputBias),
      recurrentBias: biasOf(recurrentBias),
    },
    mask: node.mask === undefined ? undefined : tf.cast(value(node.mask), 'float32'),
    dropout,
    recurrentDropout,
    wanted,
  };
}

function matrixOf({ weight, values, structure }: WasmVariable): RecurrentMatrix {
  const [rows, columns] = weight.shape;
  return { rows, columns, values, structure };
}

/** Address of the values; 0 where the layer has no such bias. */
function biasOf({ weight, values }: WasmVariable): number {
  return weight.parts.length === 0 ? 0 : values;
}
