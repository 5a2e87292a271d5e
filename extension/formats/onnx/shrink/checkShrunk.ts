import type { GraphNode } from '../../../model/graph.ts';
import type { Model } from '../../../model/model.ts';
import type { Shrinking } from '../../../model/shrinking.ts';

/** Whether a written model is the one that was meant: the same graph but for the sizes, and those that it states are what stays. */
export function isShrunkAsMeant(
  original: Pick<Model, 'graph'>,
  { graph, layers }: Pick<Model, 'graph' | 'layers'>,
  shrinking: Shrinking,
): boolean {
  if (!original.graph || !graph) return false;
  const [meant, found] = [original.graph, graph].map(({ nodes }) =>
    JSON.stringify(nodes.map(({ op, inputs, outputs }) => [op, inputs, outputs])),
  );
  const sizes = new Map(layers.map(({ name, hiddenSize }) => [name, hiddenSize]));
  return (
    meant === found &&
    graph.nodes.every((node) => statesWhatStays(node, shrinking)) &&
    shrinking.layers.every(({ name, after }) => sizes.get(name) === after)
  );
}

function statesWhatStays(node: GraphNode, { values }: Shrinking): boolean {
  if (node.op !== 'Reshape') return true;
  const [, ...after] = values.get(node.outputs[0])?.after ?? [];
  return node.shape.every((length, axis) => length === -1 || (after[axis] ?? length) === length);
}
