import type { GraphInput, GraphNode, ValueName } from '../../../model/graph.ts';

/** How many axes each value has, batch and all: files of Keras 2 and TensorFlow.js do not say with what a layer is called. */
export function ranksOf({
  inputs,
  nodes,
}: {
  readonly inputs: readonly GraphInput[];
  readonly nodes: readonly GraphNode[];
}): ReadonlyMap<ValueName, number> {
  const ranks = new Map(inputs.map(({ name, shape }) => [name, shape.length]));
  for (const node of nodes) {
    const read = node.inputs.map((name) => ranks.get(name) ?? 0);
    for (const [i, output] of node.outputs.entries()) ranks.set(output, rankOf(node, i, Math.max(...read)));
  }
  return ranks;
}

/** @param most axes of what it reads, which most nodes put out again */
function rankOf(node: GraphNode, output: number, most: number): number {
  switch (node.op) {
    case 'LSTM':
    case 'GRU':
    case 'RNN':
      return output === 0 ? 3 : 2;
    case 'Gather':
      return most + 1;
    case 'Select':
      return most - 1;
    case 'Reduce':
      return node.keepAxes ? most : most - node.axes.length;
    case 'ReduceMean':
    case 'ReduceMax':
      return node.keepAxis ? 3 : 2;
    case 'Reshape':
      return node.shape.length + 1;
    case 'Flatten':
      return (node.axis ?? 1) + 1;
    case 'RepeatVector':
      return 3;
    default:
      return most;
  }
}
