import * as tf from '@tensorflow/tfjs-core';
import type { GraphNode } from '../../model/graph.ts';
import type { Engine, Operator } from '../engine.ts';
import { gatherOperator } from './gather.ts';
import { loadTensorflow } from './load.ts';
import { lossOperator } from './loss.ts';
import { lstmOperator, lstmSlowness, registerLstm } from './lstm.ts';
import { tensorflowOptimizer } from './optimizer.ts';
import { tensorflowVariable } from './variable.ts';

/**
 * TensorFlow itself, by the package @tensorflow/tfjs-node in `folder`. Once loaded, it stays until the process ends. Throws
 * `UserError` tensorflowNotLoaded.
 * @param threads of `loadTensorflow`
 */
export async function tensorflowEngine(folder: string, threads?: number): Promise<Engine> {
  const backend = loadTensorflow(folder, threads);
  // Without the checks for NaN after every operation.
  tf.enableProdMode();
  registerLstm();
  return {
    name: `TensorFlow ${backend.binding.TF_Version} (tfjs-node ${tf.version_core})`,
    backend: 'tensorflow',
    speed: 3e10,
    operator,
    slowness: (node, purpose) => ('layer' in node ? lstmSlowness(node, purpose) : undefined),
    variable: (weight, values, mask) => tensorflowVariable(backend, weight, values, mask),
    optimizer: (settings, variables) => tensorflowOptimizer(backend, settings, variables),
    // Its threads are of the process, and tensors are freed by whoever made them.
    dispose: async () => {},
  };
}

function operator(node: GraphNode): Operator | undefined {
  switch (node.op) {
    case 'LSTM':
      return lstmOperator(node);
    case 'Gather':
      return gatherOperator(node);
    case 'Loss':
      return lossOperator(node);
    default:
      return undefined;
  }
}
