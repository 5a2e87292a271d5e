import type { Graph, GraphNode, ValueName } from '../model/graph.ts';
import { readsOf } from '../model/reads.ts';
import { endsOf, type Redirection } from '../model/removal.ts';

/** What is left of a graph after redirections: nodes that an output depends on. */
export function redirected({ inputs, nodes, outputs }: Graph, redirections: readonly Redirection[]): Graph {
  const ends = endsOf(redirections);
  const turned = nodes.map((node) => readingElsewhere(node, ends));
  const left = outputs.map(({ name, mask }) => ({
    name: ends(name),
    ...(mask !== undefined && { mask: ends(mask) }),
  }));
  const needed = new Set(left.flatMap(({ name, mask }) => (mask === undefined ? [name] : [name, mask])));
  const kept: GraphNode[] = [];
  for (const node of turned.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    for (const name of readsOf(node)) needed.add(name);
    kept.unshift(node);
  }
  return { inputs, nodes: kept, outputs: left };
}

function readingElsewhere(node: GraphNode, ends: (name: ValueName) => ValueName): GraphNode {
  const inputs = node.inputs.map(ends);
  if ('mask' in node && node.mask !== undefined) return { ...node, inputs, mask: ends(node.mask) };
  if ('masks' in node && node.masks)
    return { ...node, inputs, masks: node.masks.map((mask) => mask && ends(mask)) };
  return { ...node, inputs };
}
