import { scopesOf } from '../protocol/compatibility.ts';
import { parsePattern } from '../protocol/patterns.ts';
import type { CriterionName, GranularityName, Recipe, ScheduleName, ScopeName } from '../protocol/recipe.ts';
import { absentKeys, budgetKeys, checkCombinations } from '../protocol/recipeRules.ts';
import type { GateName } from '../protocol/report.ts';
import { UserError } from '../protocol/userError.ts';
import { fits } from './names.ts';
import { namesOf, type Prunable } from './prunable.ts';
import type { Budget, Target } from './target.ts';

/** What is pruned with every default filled in and every clash refused. */
export interface CompleteRecipe {
  readonly criterion: CriterionName;
  readonly granularity: GranularityName;
  /** Text of the key `block`, `pattern` or `bank` that the granularity takes. */
  readonly block?: string;
  readonly pattern?: string;
  readonly bank?: number;
  readonly scope: ScopeName;
  readonly schedule: ScheduleName;
  readonly target: Target;
  readonly gates: Partial<Record<GateName, number>>;
  readonly targets: Readonly<Record<string, number>>;
  readonly keepDiagonal: boolean;
  readonly regrowZeros: boolean;
  readonly seed: number;
}

const defaultK = 0.5;
/** A row of four float32 fills a register of 128 bits, and a block of 4 × 4 four of them. */
const defaultBlock = '4x4';
/** What NVIDIA's sparse tensor cores compute. */
const defaultPattern = '2:4';
const defaultBank = 32;
const defaultSeed = 1;

/**
 * Fills in the defaults of a recipe whose values were checked: magnitude of single weights over each layer, or a threshold of k = 0.5 over
 * each matrix. Throws `UserError` optionMissing, optionsClash, combinationUnknown, gateUnknown or nameUnknown.
 */
export function completeRecipe(recipe: Recipe, prunables: readonly Prunable[]): CompleteRecipe {
  const { criterion, granularity, schedule } = { ...absentKeys, ...recipe };
  const { gates = {}, targets = {}, keepDiagonal = false, regrowZeros = false, seed = defaultSeed } = recipe;
  checkCombinations(recipe);
  for (const gate of Object.keys(gates)) checkGate(gate, prunables);
  for (const name of Object.keys(targets)) checkName(name, prunables);
  return {
    criterion,
    granularity,
    ...shapeOf(granularity, recipe),
    scope: recipe.scope ?? usualScope(criterion, granularity),
    schedule,
    target: targetOf(recipe, prunables),
    gates,
    targets,
    keepDiagonal,
    regrowZeros,
    seed,
  };
}

/** The recipe that reproduces a result: what was given, with the defaults that were used. */
export function recordedRecipe(recipe: Recipe, complete: CompleteRecipe): Recipe {
  const { criterion, granularity, block, pattern, bank, scope, schedule, target, seed } = complete;
  return {
    ...recipe,
    criterion,
    granularity,
    ...(block !== undefined && { block }),
    ...(pattern !== undefined && { pattern }),
    ...(bank !== undefined && { bank }),
    ...(scopesOf[granularity].length > 0 && { scope }),
    schedule,
    ...('k' in target && target),
    ...(criterion === 'random' && { seed }),
  };
}

function shapeOf(
  granularity: GranularityName,
  { block = defaultBlock, pattern = defaultPattern, bank = defaultBank }: Recipe,
): Pick<CompleteRecipe, 'block' | 'pattern' | 'bank'> {
  switch (granularity) {
    case 'block':
      return { block };
    case 'n:m':
      return { pattern };
    case 'bank':
      return { bank };
    default:
      return {};
  }
}

function usualScope(criterion: CriterionName, granularity: GranularityName): ScopeName {
  return criterion === 'threshold' ? 'matrix' : (scopesOf[granularity][0] ?? 'matrix');
}

function targetOf(recipe: Recipe, prunables: readonly Prunable[]): Target {
  const { criterion, granularity, sparsity, k, pattern = defaultPattern } = recipe;
  if (criterion === 'threshold') return { k: k ?? defaultK };
  if (granularity === 'n:m') {
    const { kept, of } = parsePattern(pattern) as { kept: number; of: number };
    return { sparsity: 1 - kept / of };
  }
  const budget = budgetOf(recipe);
  if (budget) return { budget };
  if (sparsity !== undefined) return { sparsity };
  if (!prunables.every((one) => ownTarget(one, recipe)))
    throw new UserError('optionMissing', { option: 'sparsity' });
  return { sparsity: 0 };
}

/** The one budget of a recipe. */
function budgetOf(recipe: Recipe): Budget | undefined {
  const key = budgetKeys.find((one) => recipe[one] !== undefined);
  return key && { key, most: recipe[key] as number };
}

/** A target that was set for a gate, or for a pattern of names. */
export interface OwnTarget {
  /** The gate, or the pattern. */
  readonly name: string;
  readonly isGate: boolean;
  readonly target: number;
}

/** The last pattern that fits counts, before a gate's; undefined where nothing was set. */
export function ownTarget(
  { name, part }: Prunable,
  { gates = {}, targets = {} }: Pick<Recipe, 'gates' | 'targets'>,
): OwnTarget | undefined {
  const named = Object.entries(targets).findLast(([pattern]) => fits(pattern, name));
  if (named) return { name: named[0], isGate: false, target: named[1] };
  const gate = part?.gate;
  const target = gate && gates[gate];
  return gate === undefined || target === undefined ? undefined : { name: gate, isGate: true, target };
}

/**
 * The one target of what goes as a whole. Throws `UserError` targetCuts where what was set reaches only a part of it.
 * @param whole names the members together
 */
export function sharedTarget(
  members: readonly Prunable[],
  whole: string,
  recipe: Pick<CompleteRecipe, 'gates' | 'targets' | 'granularity'>,
): OwnTarget | undefined {
  const [first, ...others] = members.map((member) => ownTarget(member, recipe));
  const differs = others.some((own) => own?.name !== first?.name);
  if (!differs) return first;
  const { name } = [first, ...others].find((own) => own !== undefined) as OwnTarget;
  throw new UserError('targetCuts', { name, whole, granularity: recipe.granularity });
}

function checkGate(gate: string, prunables: readonly Prunable[]): void {
  const known = new Set<string>(prunables.flatMap(({ part }) => part?.gate ?? []));
  if (!known.has(gate)) throw new UserError('gateUnknown', { gate, gates: [...known] });
}

function checkName(name: string, prunables: readonly Prunable[]): void {
  if (!prunables.some((one) => fits(name, one.name)))
    throw new UserError('nameUnknown', { name, names: namesOf(prunables) });
}
