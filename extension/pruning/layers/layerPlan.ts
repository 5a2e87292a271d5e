import type { Message } from '../../protocol/messages.ts';
import { UserError } from '../../protocol/userError.ts';
import { layerGroups } from '../granularity/layer.ts';
import type { Plannable, PlannedSet } from '../plan.ts';
import { type Prunable, partCount } from '../prunable.ts';
import { type CompleteRecipe, sharedTarget } from '../recipe.ts';
import { everything } from '../scope.ts';
import type { Target } from '../target.ts';
import { fixedNote } from './leavingLayers.ts';
import { type LayerRemoval, layerRemovals } from './removals.ts';

interface Competitors {
  readonly target: Target;
  readonly removals: LayerRemoval[];
  readonly members: Prunable[][];
}

/** Why the file could not be written without a layer, by the name of its removal. */
export type Unwritable = ReadonlyMap<string, Message>;

/**
 * Sets of whole layers, over the whole model but for those with a target of their own. Layers of which something is excluded stay; so do
 * those that cannot be removed, which the notes say. Throws layersFixed or layersExcluded where none can, layerFixed where a target is
 * for one that cannot, and targetCuts.
 */
export function layerPlan(
  { graph, notEvaluable }: Plannable,
  prunables: readonly Prunable[],
  recipe: CompleteRecipe,
  unwritable: Unwritable,
): { sets: PlannedSet[]; notes: Message[] } {
  if (!graph) throw new UserError('layersUnknown', {}, notEvaluable);
  const removals = layerRemovals(graph);
  const notes: Message[] = [];
  const sets = new Map<string, Competitors>();
  let named: UserError | undefined;
  for (const removal of removals) {
    const { name, layers, way } = removal;
    const members = prunables.filter(({ part }) => part && layers.includes(part.layer));
    if (members.length < layers.reduce((sum, layer) => sum + partCount(layer), 0)) continue;
    const own = sharedTarget(members, name, recipe);
    const reason = 'reason' in way ? way.reason : unwritable.get(name);
    if (reason) {
      const note = fixedNote(removal, reason);
      if (own && own.target > 0) named ??= new UserError('layerFixed', note.args, reason);
      notes.push(note);
      continue;
    }
    const key = own?.name ?? everything;
    const known = sets.get(key) ?? {
      target: own ? { sparsity: own.target } : recipe.target,
      removals: [],
      members: [],
    };
    known.removals.push(removal);
    known.members.push(members);
    sets.set(key, known);
  }
  if (sets.size === 0 && notes.length === 0)
    throw new UserError('layersExcluded', { layers: removals.map(({ name }) => name) });
  if (named) throw named;
  if (sets.size === 0) throw new UserError('layersFixed', notes[0].args, notes[0].cause);
  return {
    sets: [...sets].map(([name, { target, removals: own, members }]) => ({
      name,
      members: members.flat(),
      target,
      // Where others stay.
      grouping: { ...layerGroups(members), allMayGo: own.length < removals.length },
      removals: own,
    })),
    notes,
  };
}
