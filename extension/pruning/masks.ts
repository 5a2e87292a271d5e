import type { Message } from '../protocol/messages.ts';
import { magnitude } from './criteria/magnitude.ts';
import { GrowingMasks } from './growingMasks.ts';
import { percent } from './percent.ts';
import { type PlannedSet, type PruningPlan, parametersOf } from './plan.ts';
import { everything } from './scope.ts';
import { type Grounds, keptAt, type ScoredSet, scoreSet, scoringOf, takeSet, wantedOf } from './scoredSet.ts';
import type { Target } from './target.ts';

export interface MaskOptions extends Grounds {
  /** The share of zeros that is due in a set where so much is to go in the end; absent: all of it now. */
  readonly due?: (sparsity: number, set: PlannedSet) => number;
  /** Called before each set; throws to stop. */
  readonly step?: (done: number) => Promise<void> | void;
}

/**
 * Sets the masks that a plan yields on the model's parameters; what a mask has taken away already stays away. Zeros that are there count as
 * pruned; a target below their share changes nothing and is noted. Throws nonFiniteWeights naming the parameter.
 */
export async function applyPlan(plan: PruningPlan, options: MaskOptions): Promise<Message[]> {
  const { step, due = (sparsity) => sparsity } = options;
  const scoring = scoringOf(plan, options);
  const masks = new GrowingMasks();
  const notes: Message[] = [];
  for (const [i, set] of plan.sets.entries()) {
    await step?.(i / plan.sets.length);
    const scored = await scoreSet(set, scoring);
    const target = 'sparsity' in set.target ? { sparsity: due(set.target.sparsity, set) } : set.target;
    const keep = keptAt(scored, target, plan.recipe);
    takeSet(scored, keep, masks);
    notes.push(...unreached(scored, keep, target));
  }
  masks.putOn();
  return notes;
}

/** The share of each set that is gone already: weights, or groups of which nothing is left. Throws nonFiniteWeights. */
export async function goneShares(
  plan: PruningPlan,
  options: Grounds,
): Promise<ReadonlyMap<PlannedSet, number>> {
  const scoring = scoringOf({ ...plan, criterion: magnitude }, options);
  const shares = new Map<PlannedSet, number>();
  for (const set of plan.sets) {
    const { gone, scores } = await scoreSet(set, scoring);
    shares.set(set, gone / Math.max(1, scores.length));
  }
  return shares;
}

/** Does something with the masks of a plan, and takes them off again. The parameters have none yet. */
export async function withPlan<T>(
  plan: PruningPlan,
  options: MaskOptions,
  work: (notes: readonly Message[]) => Promise<T>,
): Promise<T> {
  try {
    return await work(await applyPlan(plan, options));
  } finally {
    for (const parameter of parametersOf(plan)) delete parameter.mask;
  }
}

/** Says of a set that was sparser than its target already that nothing was changed there. */
function unreached({ set, scores, gone }: ScoredSet, keep: Uint8Array, target: Target): Message[] {
  if (!('sparsity' in target) || wantedOf(scores.length, target) >= gone || zerosIn(keep) > gone) return [];
  const shares = { target: percent(target.sparsity), present: percent(gone / scores.length) };
  if (set.name === everything) return [{ code: 'noteNothingPrunedAtAll', args: shares }];
  return [{ code: 'noteNothingPruned', args: { ...shares, set: set.name } }];
}

function zerosIn(keep: Uint8Array): number {
  let zeros = 0;
  for (let i = 0; i < keep.length; i++) if (keep[i] === 0) zeros++;
  return zeros;
}
