import {
  type CriterionName,
  criteria,
  type GranularityName,
  granularities,
  type Recipe,
} from '../protocol/recipe.ts';
import { checkRecipe, checkValues } from '../protocol/recipeChecks.ts';
import { absentKeys } from '../protocol/recipeRules.ts';
import { defaultLevels, type SensitivityOptions } from '../protocol/sensitivity.ts';
import { UserError } from '../protocol/userError.ts';

/** It has a limit of its own instead of a target. */
const withoutRanks: readonly CriterionName[] = ['threshold'];
/** Patterns say how much goes; layers are no shares of what is measured one by one. */
const withoutTarget: readonly GranularityName[] = ['n:m', 'layer'];

/**
 * Options with their levels, ascending and each once, checked like a recipe. Throws `UserError` invalidValue, criterionNeedsTraining and
 * what `checkRecipe` throws.
 */
export function checkedSensitivity(options: SensitivityOptions): SensitivityOptions & { levels: number[] } {
  const { levels = defaultLevels, ...recipe } = options;
  checkValues(recipe);
  const { criterion } = recipe;
  if (criterion === 'movement') throw new UserError('criterionNeedsTraining', { criterion });
  checkLevelled(recipe);
  // Samples are those that losses are measured on, whatever weights are judged by.
  const { samples: _, ...judging } = recipe;
  checkRecipe(judging);
  return { ...recipe, levels: ascending(levels) };
}

/** Refuses what cannot be pruned to any sparsity that is asked for. Throws `UserError` invalidValue. */
export function checkLevelled({
  criterion = absentKeys.criterion,
  granularity = absentKeys.granularity,
}: Pick<Recipe, 'criterion' | 'granularity'>): void {
  checkChoice('criterion', criterion, criteria, withoutRanks);
  checkChoice('granularity', granularity, granularities, withoutTarget);
}

function checkChoice<Name extends string>(
  option: string,
  value: Name,
  all: readonly Name[],
  without: readonly Name[],
): void {
  if (!without.includes(value)) return;
  const expected = all.filter((name) => !without.includes(name));
  throw new UserError('invalidValue', { option, value: JSON.stringify(value), expected });
}

/** Throws invalidValue where they are no sparsities. */
function ascending(levels: unknown): number[] {
  const isLevel = (level: unknown) => typeof level === 'number' && level > 0 && level <= 1;
  if (Array.isArray(levels) && levels.length > 0 && levels.every(isLevel))
    return [...new Set<number>(levels)].sort((a, b) => a - b);
  const expected = { code: 'expectedLevels', args: {} } as const;
  throw new UserError('invalidValue', { option: 'levels', value: JSON.stringify(levels), expected });
}
