import * as tf from '@tensorflow/tfjs-core';
import '#gradients';
import type { Graph } from '../model/graph.ts';
import { computeValues } from './forward.ts';
import type { PreparedNode } from './prepare.ts';
import type { Batch, StepResult } from './session.ts';

/**
 * Computes a batch's loss, and hands over its gradients with respect to some tensors, one for each, while they live. The engine's
 * backend is in use.
 */
export function differentiate(
  graph: Graph,
  nodes: readonly PreparedNode[],
  { inputs, dropoutSeed }: Batch,
  tensors: tf.Tensor[],
  take: (gradients: readonly tf.Tensor[]) => void,
): StepResult {
  const loss = graph.nodes.find(({ op }) => op === 'Loss');
  if (!loss) throw new Error('a graph without a loss has no gradients');
  const [meanLoss, rowCount] = loss.outputs;
  const result = { loss: 0, rows: 0 };
  tf.tidy(() => {
    const forward = (): tf.Scalar => {
      const pass = { training: true, dropoutSeed };
      const value = computeValues(graph, nodes, inputs, [meanLoss, rowCount], pass);
      result.rows = value(rowCount).dataSync()[0];
      return value(meanLoss) as tf.Scalar;
    };
    const { value, grads } = gradientsOf(forward, tensors);
    result.loss = value.dataSync()[0];
    take(grads.map((gradient, i) => gradient ?? tf.zerosLike(tensors[i])));
  });
  return result;
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
