import type { Graph } from '../../model/graph.ts';
import type { Redirection } from '../../model/removal.ts';
import { redirected } from '../../ops/redirect.ts';
import type { Message } from '../../protocol/messages.ts';
import { UserError } from '../../protocol/userError.ts';
import { percent } from '../percent.ts';
import type { PlannedSet, PruningPlan } from '../plan.ts';
import type { Scoring } from '../score.ts';
import { type Grounds, scoreSet, scoringOf, wantedOf } from '../scoredSet.ts';
import { keepMask } from '../select.ts';
import type { LayerRemoval } from './removals.ts';
import { together } from './together.ts';

export interface Leaving {
  /** In the order of the sets. */
  readonly removed: readonly LayerRemoval[];
  readonly redirections: readonly Redirection[];
  /** Why layers stay that were to go. */
  readonly notes: readonly Message[];
}

/**
 * The layers that a plan of whole layers takes away; the criterion ranks them, the lowest going first. Throws nonFiniteWeights, and
 * layersAllGone where targets of single layers would leave no recurrent layer.
 */
export async function leavingLayers(plan: PruningPlan, grounds: Grounds, graph: Graph): Promise<Leaving> {
  const scoring = scoringOf(plan, grounds);
  const chosen: LayerRemoval[] = [];
  const notes: Message[] = [];
  for (const set of plan.sets) {
    const own = await chosenOf(set, scoring);
    chosen.push(...own.removals);
    notes.push(...own.notes);
  }
  const { removed, redirections, stays } = together(graph, chosen);
  if (!redirected(graph, redirections).nodes.some((node) => 'layer' in node))
    throw new UserError('layersAllGone', { layers: removed.map(({ name }) => name) });
  return {
    removed,
    redirections,
    notes: [...notes, ...stays.map(({ removal, reason }) => fixedNote(removal, reason))],
  };
}

/** Says of a layer that it stays, and why. */
export function fixedNote({ layers }: Pick<LayerRemoval, 'layers'>, cause: Message): Message {
  return { code: 'noteLayerFixed', args: { layers: layers.map(({ name }) => name) }, cause };
}

/** A layer of zeros goes no sooner than its target wants: where it is passed by, that changes what comes out. */
async function chosenOf(
  set: PlannedSet,
  scoring: Scoring,
): Promise<{ removals: LayerRemoval[]; notes: Message[] }> {
  const { removals = [], target } = set;
  const { scores, fixed } = await scoreSet(set, scoring);
  const wanted = wantedOf(scores.length, target);
  const keep = keepMask(scores, Math.min(wanted, scores.length - fixed.size));
  const last = removals.filter((_, group) => wanted === scores.length && fixed.has(group));
  return {
    removals: removals.filter((_, group) => keep[group] === 0),
    notes: [
      ...last.map((removal) => fixedNote(removal, { code: 'reasonLayerLast', args: {} })),
      ...(wanted === 0 ? tooLittle(set) : []),
    ],
  };
}

function tooLittle({ target, removals = [] }: PlannedSet): Message[] {
  if (!('sparsity' in target) || target.sparsity === 0) return [];
  const count = removals.length;
  const args = { share: percent(target.sparsity), count, least: percent(0.5 / count) };
  return [{ code: 'noteNoLayerRemoved', args }];
}
