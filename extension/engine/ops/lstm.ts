import * as tf from '@tensorflow/tfjs-core';
import type { RecurrentNode } from '../../model/graph.ts';
import { gateEpsilon, type gatesOf, isNormalized } from '../../model/recurrentLayer.ts';
import type { GateName } from '../../protocol/report.ts';
import { cellActivation, clipped } from './cellActivation.ts';
import { standardized } from './normalization.ts';
import type { Step, StepWeights } from './recurrent.ts';

type LstmGate = (typeof gatesOf.LSTM)[number];

/**
 * LSTM (Hochreiter & Schmidhuber 1997; forget gate and peepholes by Gers et al. 2000, 2002; projection by Sak et al. 2014),
 * ONNX LSTM and TensorFlow Lite's: i, f = gate(… + p c), c~ = act(…), c' = f c + i c~, o = gate(… + p c'), h' = o act(c'), or what
 * the projection makes of that. Where one gate is coupled to the other (Greff et al. 2017) they add up to 1. What goes into a gate may be
 * normalised first (Ba et al. 2016).
 */
export const lstmStep: Step = (node, fromInput, [h, c], weights) => {
  const { recurrent, dropped, further } = weights;
  const input = (dropped ? tf.mul(h, dropped) : h) as tf.Tensor2D;
  const names = node.layer.gates.map(({ name }) => name);
  const fromState = node.layer.diagonal
    ? tf.mul(recurrent, tf.tile(input, [names.length, 1]))
    : tf.matMul(recurrent, input);
  const parts = tf.split(tf.add(fromInput, fromState), names.length, 0);
  const sums = new Map<GateName, tf.Tensor>(names.map((name, g) => [name, parts[g]]));
  const late = isNormalized(node.layer) ? tf.split(weights.recurrentBias, names.length, 0) : [];
  const entering = (name: LstmGate, sum: tf.Tensor): tf.Tensor => {
    const factor = further.get(`${name} normalization`);
    const normalized =
      factor && tf.add(tf.mul(standardized(sum, 0, gateEpsilon), factor), late[names.indexOf(name)]);
    return clipped(normalized ?? sum, node.clip);
  };
  const gate = (name: 'i' | 'f' | 'o', cell: tf.Tensor): tf.Tensor => {
    const peephole = further.get(name);
    const sum = sumOf(sums, name);
    const seen = peephole ? tf.add(sum, tf.mul(peephole, cell)) : sum;
    return cellActivation(node.gateActivation, entering(name, seen));
  };
  const [i, f] = inAndForget(node, (name) => gate(name, c), sums.has('i'));
  const candidate = cellActivation(node.activation, entering('c', sumOf(sums, 'c')));
  const cell = clipped(tf.add(tf.mul(f, c), tf.mul(i, candidate)), node.cellClip) as tf.Tensor2D;
  const output = cellActivation(node.outputActivation ?? node.activation, cell);
  const hidden = tf.mul(gate('o', cell), output) as tf.Tensor2D;
  return node.layer.projection ? [projected(node, hidden, weights), cell, hidden] : [hidden, cell];
};

function sumOf(sums: ReadonlyMap<GateName, tf.Tensor>, name: GateName): tf.Tensor {
  const sum = sums.get(name);
  if (!sum) throw new Error(`the LSTM has no gate ${name}`);
  return sum;
}

/** The input and the forget gate; one that is not computed is 1 less the other. */
function inAndForget(
  { inputForget }: RecurrentNode,
  gate: (name: 'i' | 'f') => tf.Tensor,
  hasInputGate: boolean,
): [tf.Tensor, tf.Tensor] {
  const rest = (other: tf.Tensor) => tf.sub(tf.onesLike(other), other);
  if (!hasInputGate) {
    const f = gate('f');
    return [rest(f), f];
  }
  const i = gate('i');
  return [i, inputForget ? rest(i) : gate('f')];
}

/** The projection [P,B] of what the hidden units put out [H,B]. */
function projected(node: RecurrentNode, hidden: tf.Tensor2D, { further }: StepWeights): tf.Tensor2D {
  const product = tf.matMul(further.get('projection') as tf.Tensor2D, hidden);
  const bias = further.get('projectionBias');
  return clipped(bias ? tf.add(product, bias) : product, node.projectionClip) as tf.Tensor2D;
}
