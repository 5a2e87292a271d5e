import type { Graph, GraphNode, ValueName } from '../model/graph.ts';
import { batchNormalizationShape } from './batchNormalization.ts';
import { concatShape } from './concat.ts';
import { gatherShape } from './gather.ts';
import { notEqualMaskShape } from './mask.ts';
import { matMulShape } from './matMul.ts';
import { recurrentShape } from './recurrent.ts';
import { flattenShape, reshapeShape } from './reshape.ts';
import type { Shape } from './shape.ts';

/**
 * Shapes of all values of a graph before any data is there. Throws `UserError` graphUnsupported where a layer cannot
 * take what comes to it, so that a graph that passes can be computed.
 */
export function inferShapes(graph: Graph): ReadonlyMap<ValueName, Shape> {
  const shapes = new Map<ValueName, Shape>(graph.inputs.map(({ name, shape }) => [name, shape]));
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => shapes.get(name) as Shape);
    for (const [i, shape] of outputShapes(node, inputs).entries()) shapes.set(node.outputs[i], shape);
  }
  return shapes;
}

function outputShapes(node: GraphNode, inputs: readonly Shape[]): readonly Shape[] {
  switch (node.op) {
    case 'LSTM':
    case 'GRU':
    case 'RNN':
      return recurrentShape(node, inputs);
    case 'MatMul':
      return matMulShape(node, inputs);
    case 'Gather':
      return gatherShape(node, inputs);
    case 'Concat':
      return concatShape(node, inputs);
    case 'Reshape':
      return reshapeShape(node, inputs);
    case 'Flatten':
      return flattenShape(node, inputs);
    case 'NotEqualMask':
      return notEqualMaskShape(node, inputs);
    case 'BatchNormalization':
      return batchNormalizationShape(node, inputs);
    case 'Activation':
    case 'Softmax':
    case 'LogSoftmax':
    case 'Reverse':
    case 'ApplyMask':
    case 'And':
    case 'Or':
    case 'Dropout':
      return [inputs[0]];
  }
}
