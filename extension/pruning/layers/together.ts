import type { Graph } from '../../model/graph.ts';
import type { Redirection } from '../../model/removal.ts';
import { redirected } from '../../ops/redirect.ts';
import type { Message } from '../../protocol/messages.ts';
import { feeds, type LayerRemoval, starvedLayers } from './removals.ts';

/** What of some layers can go together. */
export interface Together {
  readonly removed: readonly LayerRemoval[];
  /** Those of the layers, and of sums that have nothing left to add. */
  readonly redirections: readonly Redirection[];
  readonly stays: readonly { readonly removal: LayerRemoval; readonly reason: Message }[];
}

/** Takes layers away one after the other, as long as no other one is left that nothing reads. */
export function together(graph: Graph, chosen: readonly LayerRemoval[]): Together {
  let removed: LayerRemoval[] = [];
  let redirections: readonly Redirection[] = [];
  let stays: { removal: LayerRemoval; reason: Message }[] = [];
  // What one waits for may go later.
  for (let waiting = [...chosen], before = -1; before !== removed.length; ) {
    before = removed.length;
    stays = [];
    for (const removal of waiting) {
      const tried = withoutAll(graph, [...removed, removal]);
      if ('reason' in tried) stays.push({ removal, reason: tried.reason });
      else [removed, redirections] = [[...removed, removal], tried.redirections];
    }
    waiting = stays.map(({ removal }) => removal);
  }
  return { removed, redirections, stays };
}

/** How a graph does without some layers, or why it does not. */
function withoutAll(
  graph: Graph,
  removals: readonly LayerRemoval[],
): { readonly redirections: readonly Redirection[] } | { readonly reason: Message } {
  const redirections = removals.flatMap(({ way }) => ('redirection' in way ? [way.redirection] : []));
  for (let sum = emptySum(graph, redirections); sum; sum = emptySum(graph, redirections)) {
    if (graph.outputs.some(({ name }) => name === sum?.from))
      return { reason: { code: 'reasonLayerOutput', args: {} } };
    redirections.push(sum);
  }
  const others = starvedLayers(
    graph,
    redirections,
    removals.flatMap(({ layers }) => layers),
  );
  return others.length > 0 ? { reason: feeds(others) } : { redirections };
}

/** A sum whose other part was passed by from end to end, so that it would add a value to itself. */
function emptySum(graph: Graph, redirections: readonly Redirection[]): Redirection | undefined {
  const doubled = (inputs: readonly string[]) => inputs.length === 2 && inputs[0] === inputs[1];
  const always = new Set(graph.nodes.flatMap(({ inputs, outputs }) => (doubled(inputs) ? outputs : [])));
  const found = redirected(graph, redirections).nodes.find(
    ({ op, inputs, outputs }) => op === 'Add' && doubled(inputs) && !always.has(outputs[0]),
  );
  return found && { from: found.outputs[0], to: found.inputs[0] };
}
