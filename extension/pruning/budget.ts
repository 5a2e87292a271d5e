import { roundHalfToEven } from '../model/roundHalfToEven.ts';
import { UserError } from '../protocol/userError.ts';
import { GrowingMasks } from './growingMasks.ts';
import type { MaskOptions } from './masks.ts';
import { type Budgeted, costUnder } from './modelCost.ts';
import { banksOf, type PruningPlan, parametersOf } from './plan.ts';
import { keptAt, type ScoredSet, scoreSet, scoringOf, takeSet } from './scoredSet.ts';
import type { Target } from './target.ts';

export interface BudgetOptions extends Omit<MaskOptions, 'due'> {
  /** Stands for the length of a sample where that is free. */
  readonly freeSteps: number;
}

/**
 * A plan whose sparsity is the least at which the whole model is within the budget of its recipe; the plan itself where it has none. Masks
 * are computed for every sparsity that is tried, so this is exact for any granularity. Throws `UserError` budgetOutOfReach or
 * multiplyAddsUnknown.
 */
export async function withinBudget(
  plan: PruningPlan,
  model: Budgeted,
  options: BudgetOptions,
): Promise<PruningPlan> {
  const { recipe } = plan;
  if (!('budget' in recipe.target)) return plan;
  const { budget } = recipe.target;
  const costOf = await costUnder(
    budget.key,
    model,
    options.freeSteps,
    parametersOf(plan),
    recipe.regrowZeros,
  );
  const scoring = scoringOf(plan, options);
  const scored: ScoredSet[] = [];
  for (const set of plan.sets) {
    await options.step?.(0);
    scored.push(await scoreSet(set, scoring));
  }
  const costAt = async (sparsity: number) => {
    await options.step?.(0);
    const masks = new GrowingMasks();
    for (const one of scored) takeSet(one, keptAt(one, at(one.set.target, sparsity), recipe), masks);
    return costOf(masks);
  };
  const least = await costAt(1);
  if (least > budget.most)
    throw new UserError('budgetOutOfReach', { option: budget.key, most: budget.most, least });
  const sizes = sizesOf(plan);
  const isSame = (a: number, b: number) =>
    sizes.every((size) => roundHalfToEven(a * size) === roundHalfToEven(b * size));
  const sparsity = await leastThat(async (share) => (await costAt(share)) <= budget.most, isSame);
  return { ...plan, sets: plan.sets.map((set) => ({ ...set, target: at(set.target, sparsity) })) };
}

/** A target of its own, or the sparsity that stands for the budget. */
function at(target: Target, sparsity: number): Target {
  return 'budget' in target ? { sparsity } : target;
}

/** Sizes of all that a share is taken of: sets, or where each row has its own target banks and their shorter rests. */
function sizesOf({ sets, recipe }: PruningPlan): number[] {
  const banks = banksOf(recipe, { sparsity: 1 });
  const sizes = sets.flatMap(({ members, grouping }) => {
    if (banks) return members.flatMap(({ view }) => [banks.size, view.columns % banks.size]);
    return grouping?.count ?? members.reduce((sum, { view }) => sum + view.rows * view.columns, 0);
  });
  return [...new Set(sizes)];
}

/**
 * The least number from 0 to 1 that fits, as every greater one does; 1 does.
 * @param isSame whether two numbers have the same effect, so that only one of them need be tried
 */
async function leastThat(
  fits: (share: number) => Promise<boolean>,
  isSame: (a: number, b: number) => boolean,
): Promise<number> {
  if (await fits(0)) return 0;
  let [low, high] = [0, 1];
  for (;;) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) return high;
    if (isSame(middle, high) || (!isSame(middle, low) && (await fits(middle)))) high = middle;
    else low = middle;
  }
}
