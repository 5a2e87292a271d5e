import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import type { Graph, GraphNode, ValueName } from '../model/graph.ts';
import { readMasked } from '../model/parameter.ts';
import type { Tensor } from '../model/tensor.ts';
import { inferShapes } from '../ops/infer.ts';
import { operatorOf, type PreparedNode } from './operators.ts';
import type { Session } from './session.ts';

// Without the checks for NaN after every operation, and without the advice to install the native backend.
tf.enableProdMode();

/** A session on TensorFlow.js' own JavaScript kernels. */
export async function createTensorflowSession(graph: Graph): Promise<Session> {
  inferShapes(graph);
  await tf.setBackend('cpu');
  const nodes: PreparedNode[] = [];
  const dispose = () => {
    for (const { weights } of nodes) tf.dispose([...weights]);
    nodes.length = 0;
  };
  try {
    for (const node of graph.nodes) {
      // Large weights take a while to lay out; others may be answered in between.
      await setImmediate();
      nodes.push(await prepare(node));
    }
  } catch (error) {
    dispose();
    throw error;
  }
  return {
    engine: `TensorFlow.js ${tf.version_core} cpu`,
    run: async (inputs, fetch) => run(graph, nodes, inputs, fetch),
    dispose,
  };
}

async function prepare(node: GraphNode): Promise<PreparedNode> {
  const operator = operatorOf(node);
  const weights = (await operator.weights(readMasked)).map(({ values, shape }) => tf.tensor(values, shape));
  return { node, weights, forward: operator.forward };
}

function run(
  graph: Graph,
  nodes: readonly PreparedNode[],
  inputs: readonly Tensor[],
  fetch: readonly ValueName[],
): Tensor[] {
  const results: Tensor[] = [];
  // Nothing is returned: tidy would look for tensors in it, one value after the other.
  tf.tidy(() => {
    const values = new Map<ValueName, tf.Tensor>();
    for (const [i, { name, dtype }] of graph.inputs.entries()) {
      values.set(name, tf.tensor(inputs[i].data, [...inputs[i].shape], dtype));
    }
    for (const { node, weights, forward } of nodes) {
      const outputs = forward((name) => values.get(name) as tf.Tensor, weights);
      for (const [i, output] of outputs.entries()) values.set(node.outputs[i], output);
    }
    for (const name of fetch) {
      const value = values.get(name) as tf.Tensor;
      results.push({ shape: value.shape, data: value.dataSync() as Float32Array | Int32Array });
    }
  });
  return results;
}
