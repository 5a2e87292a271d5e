import type { Graph, GraphNode, ValueName } from '../model/graph.ts';
import { masksOf } from '../model/reads.ts';

/**
 * Which steps of a value [B,T,…] are real, by the name of a mask [B,T]: a mask goes from the sequence that it was made for through all that
 * keeps the steps. What is not in it has no masked steps.
 */
export function stepMasks({ nodes }: Graph): ReadonlyMap<ValueName, ValueName> {
  const masks = new Map<ValueName, ValueName>();
  for (const node of nodes) {
    if (node.op === 'NotEqualMask') masks.set(node.inputs[0], node.outputs[0]);
    if (node.op === 'LengthMask') masks.set(node.inputs[1], node.outputs[0]);
    const mask = maskAlong(node, masks);
    if (mask !== undefined) masks.set(node.outputs[0], mask);
  }
  return masks;
}

/** The mask of a node's first output; undefined where it has no masked steps, or no steps. */
function maskAlong(node: GraphNode, masks: ReadonlyMap<ValueName, ValueName>): ValueName | undefined {
  switch (node.op) {
    case 'LSTM':
    case 'GRU':
    case 'RNN':
      return node.mask;
    case 'ApplyMask':
      return node.inputs[1];
    case 'Gather':
    case 'MatMul':
    case 'Activation':
    case 'Scale':
    case 'Softmax':
    case 'LogSoftmax':
    case 'Dropout':
    case 'BatchNormalization':
    case 'LayerNormalization':
    case 'GroupNormalization':
    case 'LpNormalization':
    case 'PRelu':
      return masks.get(node.inputs[0]);
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
    case 'Pow':
    case 'Mean':
    case 'Max':
    case 'Min':
      return masksOf(node)[0]?.mask ?? node.inputs.map((name) => masks.get(name)).find((mask) => mask);
    case 'Concat':
      // Along the steps, what comes out has more of them.
      return node.axis === 1 ? undefined : node.inputs.map((name) => masks.get(name)).find((mask) => mask);
    default:
      return undefined;
  }
}
