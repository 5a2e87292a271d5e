import type { Model } from '../../../model/model.ts';
import { endsOf, type Redirection } from '../../../model/removal.ts';
import { sameGraph } from '../../sameGraph.ts';

/** Whether a written model is the original with these redirections, by the same weights. */
export function isRestAsMeant(
  original: Pick<Model, 'graph'>,
  written: Pick<Model, 'graph'>,
  redirections: readonly Redirection[],
): boolean {
  if (!original.graph || !written.graph) return false;
  return sameGraph(original.graph, written.graph, endsOf(redirections), sameText);
}

/** Weights by their names; names of nodes and layers may be their places among those of their kind. */
function sameText(one: object, other: object): boolean {
  return textOf(one) === textOf(other);
}

function textOf(settings: object): string {
  return JSON.stringify(settings, (key, value: unknown) => {
    if (key === 'origin') return undefined;
    if (value === null || typeof value !== 'object') return value;
    if ('read' in value && 'name' in value) return value.name;
    return 'gates' in value ? { ...value, name: undefined } : value;
  });
}
