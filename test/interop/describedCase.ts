import type { GraphNode } from '../../extension/model/graph.ts';
import { readMasked } from '../../extension/model/parameter.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import type { TrainingCase } from '../support/trainingGraphs.ts';
import { packed } from './packedArray.ts';

/** A case for gradients.py, masks applied. */
export async function described({ graph, parameters, inputs }: TrainingCase): Promise<object> {
  const arrays = parameters.map(
    async (parameter) =>
      [parameter.name, packed({ shape: parameter.shape, data: await readMasked(parameter) })] as const,
  );
  return {
    nodes: graph.nodes.map(plainNode),
    parameters: Object.fromEntries(await Promise.all(arrays)),
    inputs: Object.fromEntries(inputs.map((tensor, i) => [graph.inputs[i].name, packed(tensor as Tensor)])),
  };
}

/** Parameters by their names. */
function plainNode(node: GraphNode): object {
  const { op, inputs, outputs } = node;
  switch (node.op) {
    case 'LSTM':
    case 'GRU':
    case 'RNN': {
      const { gates, projection, projectionBias } = node.layer;
      const [{ kernel, recurrent, biases, peephole }] = gates;
      const { gateActivation, activation, outputActivation, mask } = node;
      const { clip, cellClip, projectionClip, inputForget } = node;
      return {
        ...{ outputActivation, clip, cellClip, projectionClip, inputForget },
        gates: gates.map(({ name }) => name),
        peephole: peephole?.parameter.name,
        projection: projection?.parameter.name,
        projectionBias: projectionBias?.parameter.name,
        ...{ op, inputs, outputs, gateActivation, activation, mask, biases: biases.length },
        kernel: kernel.parameter.name,
        recurrent: recurrent.parameter.name,
        bias: biases[0]?.parameter.name ?? null,
        reverse: node.reverse === true,
        linearBeforeReset: node.linearBeforeReset === true,
      };
    }
    case 'MatMul':
      return { op, inputs, outputs, weight: node.weight.name, bias: node.bias?.name };
    case 'Gather':
      return { op, inputs, outputs, table: node.table.name };
    case 'Scale':
      return { op, inputs, outputs, factor: node.factor };
    case 'Concat':
      return { op, inputs, outputs, axis: node.axis };
    case 'Loss':
      return { op, inputs, outputs, loss: node.loss, mask: node.mask, factor: node.factor };
    default:
      throw new Error(`${op} is not described`);
  }
}
