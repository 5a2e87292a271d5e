import type { Graph, GraphNode } from '../../model/graph.ts';
import { sizeOf } from '../../model/parameter.ts';

/**
 * Matrices of fewer weights are multiplied on one thread. TensorFlow divides even a product of some ten microseconds among
 * its threads, and a small LSTM makes two such products a step. Measured on a training step of an LSTM (AMD EPYC 9004, two
 * cores that had other work too): one thread took 0.65 to 0.75 times as long as two with 128 or 192 units and batches of 32,
 * as long with 192 units and batches of 64 or 256 and 32, and 1.3 times with 256 units and batches of 64.
 */
const fewWeights = 1 << 18;

/**
 * How many threads TensorFlow is to use for a graph; undefined: one a core. TensorFlow makes its threads once, so what is
 * loaded for the first graph of a process holds for all that follow.
 * @param most that it may use; absent: one a core
 */
export function threadsFor({ nodes }: Graph, most: number | undefined): number | undefined {
  return Math.max(0, ...nodes.map(largestMatrix)) < fewWeights ? 1 : most;
}

/** Weights of the largest matrix that a node multiplies with. */
function largestMatrix(node: GraphNode): number {
  switch (node.op) {
    case 'LSTM':
    case 'GRU':
    case 'RNN': {
      const { gates, inputSize, hiddenSize } = node.layer;
      return gates.length * hiddenSize * Math.max(inputSize, hiddenSize);
    }
    case 'MatMul':
      return sizeOf(node.weight.shape);
    default:
      return 0;
  }
}
