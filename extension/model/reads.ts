import type { Graph, GraphNode, ValueName } from './graph.ts';

/** The masks [B,T] that a node reads beside its inputs, each with the number of the input whose steps it marks. */
export function masksOf(node: GraphNode): { readonly mask: ValueName; readonly input: number }[] {
  if ('mask' in node && node.mask !== undefined) return [{ mask: node.mask, input: 0 }];
  if (!('masks' in node)) return [];
  return (node.masks ?? []).flatMap((mask, input) => (mask === undefined ? [] : [{ mask, input }]));
}

/** All values that a node is computed from. */
export function readsOf(node: GraphNode): ValueName[] {
  return [...node.inputs, ...masksOf(node).map(({ mask }) => mask)];
}

/** The nodes that a graph's outputs depend on, in their order. */
export function readNodes({ nodes, outputs }: Pick<Graph, 'nodes' | 'outputs'>): GraphNode[] {
  const names = new Set(outputs.flatMap(({ name, mask }) => (mask === undefined ? [name] : [name, mask])));
  const kept: GraphNode[] = [];
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => names.has(name))) continue;
    for (const name of readsOf(node)) names.add(name);
    kept.unshift(node);
  }
  return kept;
}
