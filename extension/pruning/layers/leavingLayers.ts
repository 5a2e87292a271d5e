import type { Graph } from '../../model/graph.ts';
import { UserError } from '../../protocol/userError.ts';
import type { PruningPlan } from '../plan.ts';
import { type Grounds, keptAt, scoreSet, scoringOf } from '../scoredSet.ts';
import { type LayerRemoval, layerRemovals } from './removals.ts';

/**
 * The layers that a plan of whole layers takes away, in the order of the sets; the criterion ranks them, of groups the lowest. Throws
 * nonFiniteWeights, and layersAllGone where targets of single layers would leave no recurrent layer.
 */
export async function leavingLayers(
  plan: PruningPlan,
  grounds: Grounds,
  graph: Graph,
): Promise<LayerRemoval[]> {
  const scoring = scoringOf(plan, grounds);
  const leaving: LayerRemoval[] = [];
  for (const set of plan.sets) {
    const keep = keptAt(await scoreSet(set, scoring), set.target, plan.recipe);
    leaving.push(...(set.removals ?? []).filter((_, group) => keep[group] === 0));
  }
  if (leaving.length === layerRemovals(graph).length)
    throw new UserError('layersAllGone', { layers: leaving.map(({ name }) => name) });
  return leaving;
}
