import type { Graph } from '../model/graph.ts';
import type { Message } from '../protocol/messages.ts';
import type { Engine, WeightUse } from './engine.ts';

/** Says which layers an engine computes the slow way, and why: a note for each reason. */
export function slowLayers(graph: Graph, engine: Engine, purpose: WeightUse['purpose']): Message[] {
  const byReason = new Map<string, { readonly reason: Message; readonly layers: Set<string> }>();
  for (const node of graph.nodes) {
    const reason = engine.slowness?.(node, purpose);
    if (!reason) continue;
    const key = JSON.stringify(reason);
    const known = byReason.get(key) ?? { reason, layers: new Set() };
    byReason.set(key, known);
    known.layers.add(`"${node.origin}"`);
  }
  return [...byReason.values()].map(({ reason, layers }) => ({
    code: 'noteLayersSlow',
    args: { layers: [...layers].join(', ') },
    cause: reason,
  }));
}
