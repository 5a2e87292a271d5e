import type { Graph, GraphNode, ValueName } from '../model/graph.ts';
import { readNodes } from '../model/reads.ts';
import { endsOf, type Redirection } from '../model/removal.ts';

/** What is left of a graph after redirections: nodes that an output depends on. */
export function redirected({ inputs, nodes, outputs }: Graph, redirections: readonly Redirection[]): Graph {
  const ends = endsOf(redirections);
  const turned = nodes.map((node) => readingElsewhere(node, ends));
  const left = outputs.map(({ name, mask }) => ({
    name: ends(name),
    ...(mask !== undefined && { mask: ends(mask) }),
  }));
  return { inputs, nodes: readNodes({ nodes: turned, outputs: left }), outputs: left };
}

function readingElsewhere(node: GraphNode, ends: (name: ValueName) => ValueName): GraphNode {
  const inputs = node.inputs.map(ends);
  if ('mask' in node && node.mask !== undefined) return { ...node, inputs, mask: ends(node.mask) };
  if ('masks' in node && node.masks)
    return { ...node, inputs, masks: node.masks.map((mask) => mask && ends(mask)) };
  return { ...node, inputs };
}
