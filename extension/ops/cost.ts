import type { Graph, GraphNode } from '../model/graph.ts';
import { sizeOf } from '../model/parameter.ts';
import { inferShapes } from './infer.ts';

/**
 * Floating-point operations of a graph's matrix products for one sample, a product counted as two; the rest of a
 * recurrent model is small beside them.
 * @param freeSteps stands for every free axis
 */
export function operationsPerSample(graph: Graph, freeSteps: number): number {
  const shapes = inferShapes(graph);
  const rowsOf = (name: string) => sizeOf((shapes.get(name) ?? []).slice(1, -1).map((n) => n ?? freeSteps));
  return graph.nodes.reduce((sum, node) => sum + 2 * rowsOf(node.inputs[0]) * weightsOf(node), 0);
}

/** Weights that one row of the input is multiplied with. */
function weightsOf(node: GraphNode): number {
  switch (node.op) {
    case 'LSTM':
    case 'GRU':
    case 'RNN': {
      const { gates, inputSize, hiddenSize } = node.layer;
      return gates.length * hiddenSize * (inputSize + hiddenSize);
    }
    case 'MatMul':
      return sizeOf(node.weight.shape);
    default:
      return 0;
  }
}
