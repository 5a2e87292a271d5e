import * as tf from '@tensorflow/tfjs-core';
import { type RecurrentNode, recurrentInputs, type ValueName } from '../../model/graph.ts';
import { isNormalized, outputSize } from '../../model/recurrentLayer.ts';
import { dropoutMask } from '../dropoutMask.ts';
import type { Operator } from '../engine.ts';
import { gruStep } from './gru.ts';
import { lstmStep } from './lstm.ts';
import { type FurtherWeight, furtherWeights, recurrentWeights } from './recurrentWeights.ts';
import { rnnStep } from './rnn.ts';

/** State between two steps: h [P,B], of an LSTM c [H,B] and, where it projects, what it projected [H,B]. */
export type State = readonly tf.Tensor2D[];

/** A layer's recurrent weights for one run. */
export interface StepWeights {
  /** [G·H, P]; of a diagonal layer [G·H, 1] */
  readonly recurrent: tf.Tensor2D;
  /** [G·H, B]; zero but for a GRU with linear_before_reset, and for gates that are normalised: all that is added behind that. */
  readonly recurrentBias: tf.Tensor2D;
  /** Factors [P,B] of the h that enters the recurrent kernel. */
  readonly dropped: tf.Tensor2D | undefined;
  /** Of an LSTM: peepholes and factors of normalizations [H,B], the projection [P,H] and its bias [P,B]. */
  readonly further: ReadonlyMap<FurtherWeight, tf.Tensor2D>;
}

/**
 * One step of a cell. The batch is the last axis, so that a gate is a block of whole rows and taking one copies nothing
 * but memory in order; this backend's other slices go value by value.
 * @param projected kernel times the step's input, plus the input bias: [G·H, B], gates in canonical order
 */
export type Step = (node: RecurrentNode, projected: tf.Tensor2D, state: State, weights: StepWeights) => State;

const steps: Record<RecurrentNode['op'], Step> = { LSTM: lstmStep, GRU: gruStep, RNN: rnnStep };

/** What a cell computes, and in which order. */
export interface CellArithmetic {
  /** kernel · input + bias */
  readonly enter: (kernel: tf.Tensor2D, input: tf.Tensor2D, bias: tf.Tensor2D) => tf.Tensor;
  /** All biases are added behind the recurrent product. */
  readonly lateBias: boolean;
  readonly step: Step;
}

function inFloats(node: RecurrentNode): CellArithmetic {
  return {
    enter: (kernel, input, bias) => tf.add(tf.matMul(kernel, input), bias),
    lateBias: isNormalized(node.layer),
    step: steps[node.op],
  };
}

/** A recurrent layer step by step, for every activation and on every backend; fast kernels of an engine come first. */
export function recurrentOperator(node: RecurrentNode, cell = inFloats(node)): Operator {
  const plain = recurrentWeights(node.layer);
  const further = furtherWeights(node.layer);
  const names = [...further.keys()];
  return {
    weights: [...plain, ...further.values()],
    forward: (value, variables, { dropoutSeed }) => {
      const weights = variables.map(({ tensor }) => tensor);
      const own = new Map(names.map((name, i) => [name, weights[plain.length + i]]));
      return unroll(node, cell, value, weights, own, dropoutSeed);
    },
  };
}

function unroll(
  node: RecurrentNode,
  cell: CellArithmetic,
  value: (name: ValueName) => tf.Tensor,
  [kernel, recurrent, inputBias, recurrentBias]: readonly tf.Tensor[],
  further: ReadonlyMap<FurtherWeight, tf.Tensor>,
  seed: number | undefined,
): tf.Tensor[] {
  const { x, initial, auxiliary } = recurrentInputs(node, node.inputs.map(value));
  const [batch, length, inputSize] = x.shape;
  const { layer } = node;
  const width = outputSize(layer);
  const widths = stateWidths(node);
  const inputs = bySteps(x);
  const second = auxiliary && { kernel: further.get('auxiliary') as tf.Tensor2D, inputs: bySteps(auxiliary) };
  const real = node.mask === undefined ? undefined : masksBySteps(value(node.mask) as tf.Tensor2D, widths);
  const [early, late] = biases(node, cell, inputBias, recurrentBias);
  const bias = overBatch(early, batch);
  const droppedInputs = dropped(node.dropout, [inputSize, batch], seed, `${node.outputs[0]} inputs`);
  const weights: StepWeights = {
    recurrent: recurrent as tf.Tensor2D,
    recurrentBias: overBatch(late, batch),
    dropped: dropped(node.recurrentDropout, [width, batch], seed, `${node.outputs[0]} state`),
    further: new Map(
      [...further].map(([name, weight]) => [
        name,
        name === 'projection' || name === 'auxiliary' ? (weight as tf.Tensor2D) : overBatch(weight, batch),
      ]),
    ),
  };
  const zeros = (rows: number) => tf.zeros([rows, batch]) as tf.Tensor2D;
  let state: State = widths.map((rows, i) =>
    initial[i] ? tf.transpose(initial[i] as tf.Tensor2D) : zeros(rows),
  );
  let output = node.zeroMaskedOutput ? zeros(width) : state[0];
  const outputs: tf.Tensor2D[] = [];
  const hidden: tf.Tensor2D[] = [];
  for (let n = 0; n < length; n++) {
    const t = node.reverse ? length - 1 - n : n;
    [output, ...state] = tf.tidy(() => {
      const all = at(inputs, t);
      const input = droppedInputs ? tf.mul(all, droppedInputs) : all;
      const first = cell.enter(kernel as tf.Tensor2D, input as tf.Tensor2D, bias);
      const projected = second ? tf.add(first, tf.matMul(second.kernel, at(second.inputs, t))) : first;
      const next = cell.step(node, projected as tf.Tensor2D, state, weights);
      if (!real) return [next[0], ...next];
      const here = real.map((mask) => at(mask, t));
      // A choice, not a product with the mask: 0 times NaN would be NaN.
      const held = next.map((now, i) => tf.where(here[i], now, state[i]) as tf.Tensor2D);
      return [node.zeroMaskedOutput ? tf.where(here[0], next[0], tf.zerosLike(next[0])) : held[0], ...held];
    }) as [tf.Tensor2D, ...tf.Tensor2D[]];
    outputs[t] = output;
    if (layer.projection) hidden[t] = state[2];
  }
  const sequence = (all: tf.Tensor2D[], rows: number) =>
    length === 0 ? tf.zeros([batch, 0, rows]) : tf.transpose(tf.stack(all), [2, 0, 1]);
  const finals = state.slice(0, 2).map((final) => tf.transpose(final));
  const projected = layer.projection ? [sequence(hidden, layer.hiddenSize)] : [];
  return [sequence(outputs, width), tf.transpose(output), ...finals, ...projected];
}

/** What is added to the product with the input, and what only later: see `StepWeights`. */
function biases(
  node: RecurrentNode,
  { lateBias }: CellArithmetic,
  input: tf.Tensor,
  recurrent: tf.Tensor,
): [tf.Tensor, tf.Tensor] {
  if (node.linearBeforeReset) return [input, recurrent];
  const sum = tf.add(input, recurrent);
  const none = tf.zerosLike(sum);
  return lateBias ? [none, sum] : [sum, none];
}

/** Rows of what a layer carries from step to step. */
function stateWidths({ op, layer }: RecurrentNode): number[] {
  const { hiddenSize, projection } = layer;
  const width = outputSize(layer);
  return op === 'LSTM' ? [width, hiddenSize, ...(projection ? [hiddenSize] : [])] : [width];
}

/** x [B,T,I] as [T,I,B]. */
function bySteps(x: tf.Tensor): tf.Tensor3D {
  return tf.transpose(x as tf.Tensor3D, [1, 2, 0]);
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

/** A mask [B,T] as truth values [T,width,B], for each width. */
function masksBySteps(mask: tf.Tensor2D, widths: readonly number[]): tf.Tensor3D[] {
  const [batch, length] = mask.shape;
  const bySteps = tf.reshape(tf.transpose(mask), [length, 1, batch]);
  const over = (width: number) => tf.cast(tf.tile(bySteps, [1, width, 1]), 'bool') as tf.Tensor3D;
  const first = over(widths[0]);
  return widths.map((width) => (width === widths[0] ? first : over(width)));
}

/** Factors [width, B], drawn sample by sample; undefined where nothing is dropped. */
function dropped(
  rate: number | undefined,
  [width, batch]: [number, number],
  seed: number | undefined,
  name: string,
): tf.Tensor2D | undefined {
  if (!rate || seed === undefined) return undefined;
  return tf.transpose(tf.tensor2d(dropoutMask(width * batch, rate, seed, name), [batch, width]));
}
