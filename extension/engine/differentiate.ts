import * as tf from '@tensorflow/tfjs-core';
import '#gradients';
import { type Graph, type LossNode, lossesOf } from '../model/graph.ts';
import { computeValues } from './forward.ts';
import { outputPenalty } from './penalties.ts';
import type { PreparedNode } from './prepare.ts';
import type { Batch, StepResult } from './session.ts';

/**
 * Computes a batch's loss, the sum of all that the graph has, and hands over its gradients with respect to some tensors, one for each,
 * while they live. The engine's backend is in use.
 * @param regularized what regularizers add for the outputs of layers is part of the loss
 */
export function differentiate(
  graph: Graph,
  nodes: readonly PreparedNode[],
  { inputs, dropoutSeed }: Batch,
  tensors: tf.Tensor[],
  take: (gradients: readonly tf.Tensor[]) => void,
  regularized: boolean,
): StepResult {
  const losses = lossesOf(graph);
  const penalties = (regularized && graph.activityPenalties) || [];
  const wanted = [...losses.flatMap(({ outputs }) => outputs), ...penalties.map(({ value }) => value)];
  const result = { loss: 0, rows: 0 };
  tf.tidy(() => {
    const forward = (): tf.Scalar => {
      const pass = { training: true, dropoutSeed };
      const value = computeValues(graph, nodes, inputs, wanted, pass);
      const rows = losses.map(({ outputs: [, count] }) => value(count).dataSync()[0]);
      result.rows = rows[0];
      // The mean over no rows is no number, and adds nothing to others.
      const counted = losses.filter((_, i) => rows[i] > 0);
      const sum = weightedSum(counted.length > 0 ? counted : losses, value);
      return penalties.reduce(
        (all, penalty) => tf.add(all, outputPenalty(value(penalty.value), penalty)),
        sum,
      );
    };
    const { value, grads } = gradientsOf(forward, tensors);
    result.loss = value.dataSync()[0];
    take(grads.map((gradient, i) => gradient ?? tf.zerosLike(tensors[i])));
  });
  return result;
}

/** Σ factor · mean of some losses, at least one. */
function weightedSum(losses: readonly LossNode[], value: (name: string) => tf.Tensor): tf.Scalar {
  const terms = losses.map(({ outputs: [mean], factor = 1 }) =>
    factor === 1 ? value(mean) : tf.mul(value(mean), factor),
  );
  return terms.reduce((sum, term) => tf.add(sum, term)) as tf.Scalar;
}

/** TensorFlow.js' tape over `forward`, given back whole where something on it fails. */
function gradientsOf(forward: () => tf.Scalar, tensors: tf.Tensor[]) {
  const engine = tf.engine();
  try {
    // A weight that the loss does not depend on has no gradient, which is no mistake.
    return engine.gradients(forward, tensors, undefined, true);
  } catch (error) {
    // What was saved for the way back is kept beyond every tidy, and only that way frees it.
    for (const { saved } of engine.state.activeTape ?? []) tf.dispose(saved ?? []);
    engine.state.activeTape = [];
    throw error;
  }
}
