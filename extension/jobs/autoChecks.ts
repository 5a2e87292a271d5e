import { type AutoOptions, defaultEpochs, defaultTrials, searchedKeys } from '../protocol/auto.ts';
import { type LossIncrease, parseDuration, parseIncrease } from '../protocol/lossBudget.ts';
import type { Message } from '../protocol/messages.ts';
import type { Recipe } from '../protocol/recipe.ts';
import { checkRecipe, checkValues } from '../protocol/recipeChecks.ts';
import { UserError } from '../protocol/userError.ts';
import { invalidValue, whole } from '../protocol/valueChecks.ts';
import { hasData } from './asked.ts';
import { checkLevelled } from './sensitivityChecks.ts';

/** A search with every default filled in. */
export interface CheckedSearch {
  /** What was given, with the defaults that were used. */
  readonly options: AutoOptions;
  /** What every trial has in common: a recipe but for how much is pruned. */
  readonly base: Recipe;
  readonly increase: LossIncrease;
  /** Trials at most; infinite where only the time is limited. */
  readonly trials: number;
  /** Infinite where only the trials are limited. */
  readonly seconds: number;
}

/**
 * Checks what a search is asked for. Throws `UserError` optionSearched, optionNotSearched, optionMissing, invalidValue, dataNeeded and what
 * `checkRecipe` throws.
 */
export function checkedAuto(given: AutoOptions): CheckedSearch {
  for (const option of searchedKeys) {
    const code = option === 'control' ? 'optionNotSearched' : 'optionSearched';
    if (Object.hasOwn(given, option)) throw new UserError(code, { option });
  }
  const { maxLossIncrease, timeBudget, trials: most, ...recipe } = given;
  if (maxLossIncrease === undefined) throw new UserError('optionMissing', { option: 'maxLossIncrease' });
  const increase = parsed('maxLossIncrease', maxLossIncrease, parseIncrease, 'expectedIncrease');
  const seconds =
    timeBudget === undefined ? Infinity : parsed('timeBudget', timeBudget, parseDuration, 'expectedDuration');
  const trials = most ?? (timeBudget === undefined ? defaultTrials : Infinity);
  const count = whole(1);
  if (most !== undefined && !count.allows(most)) throw invalidValue('trials', most, count.expected);
  checkValues(recipe);
  checkLevelled(recipe);
  if (!hasData(recipe)) throw new UserError('dataNeeded');
  const { resume, ...rest } = { ...recipe, epochs: recipe.epochs ?? defaultEpochs };
  // Trials are taken up again whether they are trained or not; a single one only where it is.
  const base: Recipe = { ...rest, ...(resume !== undefined && rest.epochs > 0 && { resume }) };
  // The highest that a search may come to: a ramp may begin anywhere below.
  checkRecipe({ ...base, sparsity: 1 });
  const limits = { maxLossIncrease, ...(timeBudget !== undefined && { timeBudget }) };
  const options = { ...recipe, epochs: rest.epochs, ...limits, ...(trials < Infinity && { trials }) };
  return { options, base, increase, trials, seconds };
}

function parsed<T>(
  option: keyof AutoOptions,
  value: unknown,
  parse: (text: string) => T | undefined,
  expected: 'expectedIncrease' | 'expectedDuration',
): T {
  const result = typeof value === 'string' ? parse(value) : undefined;
  const message: Message = { code: expected, args: {} };
  if (result === undefined) throw invalidValue(option, value, message);
  return result;
}
