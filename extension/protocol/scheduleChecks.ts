import type { Recipe } from './recipe.ts';
import { absentKeys } from './recipeRules.ts';
import { UserError } from './userError.ts';
import { invalidValue, whole } from './valueChecks.ts';

/**
 * What can be told of a schedule before the data says how many steps an epoch has. Throws optionNeedsEpochs, invalidValue or
 * initialSparsityAbove.
 */
export function checkSchedule(recipe: Recipe): void {
  const { schedule = absentKeys.schedule, epochs = 0, begin = 0, end, rounds } = recipe;
  if (schedule === 'oneshot') return;
  if (epochs === 0) throw new UserError('optionNeedsEpochs', { option: `schedule ${schedule}` });
  checkWithin('end', end, begin);
  checkWithin('rounds', rounds, 1, epochs);
  const { initialSparsity: initial } = recipe;
  const target = highestTarget(recipe);
  if (initial !== undefined && target !== undefined && initial > target)
    throw new UserError('initialSparsityAbove', { initial, target });
}

/** Of several targets a ramp may begin above some, not above all. Undefined where a recipe names none, but a budget or a pattern. */
export function highestTarget({
  sparsity,
  gates = {},
  targets = {},
}: Pick<Recipe, 'sparsity' | 'gates' | 'targets'>): number | undefined {
  return sparsity === undefined
    ? undefined
    : Math.max(sparsity, ...Object.values(gates), ...Object.values(targets));
}

/** Throws invalidValue where an option is given and not within the bounds. */
export function checkWithin(
  option: keyof Recipe,
  value: number | undefined,
  low: number,
  high?: number,
): void {
  const check = whole(low, high);
  if (value !== undefined && !check.allows(value)) throw invalidValue(option, value, check.expected);
}
