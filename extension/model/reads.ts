import type { GraphNode, ValueName } from './graph.ts';

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
