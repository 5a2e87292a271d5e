import { granularitiesOf, scopesOf } from '../protocol/compatibility.ts';
import { parsePattern } from '../protocol/patterns.ts';
import type { CriterionName, GranularityName, Recipe, ScheduleName, ScopeName } from '../protocol/recipe.ts';
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
/** As wide as the registers of the kernels: a block of 4 × 4 is what a sparse product reads at once. */
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
  const { criterion = 'magnitude', granularity = 'weight', schedule = 'oneshot' } = recipe;
  const { gates = {}, targets = {}, keepDiagonal = false, regrowZeros = false, seed = defaultSeed } = recipe;
  checkGranularity(criterion, granularity, recipe);
  for (const gate of Object.keys(gates)) checkGate(gate, prunables);
  for (const name of Object.keys(targets)) checkName(name, prunables);
  return {
    criterion,
    granularity,
    ...shapeOf(granularity, recipe),
    scope: scopeOf(criterion, granularity, recipe.scope),
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
  const { criterion, granularity, block, pattern, bank, scope, schedule, target } = complete;
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
  };
}

/** Refuses a granularity that the criterion cannot judge, and what only another granularity takes. */
function checkGranularity(criterion: CriterionName, granularity: GranularityName, recipe: Recipe): void {
  const known = granularitiesOf[criterion];
  if (!known.includes(granularity)) throw clash('granularity', granularity, 'criterion', criterion, known);
  const shapes = { block: 'block', pattern: 'n:m', bank: 'bank' } as const;
  for (const [key, own] of Object.entries(shapes))
    if (recipe[key as keyof typeof shapes] !== undefined && own !== granularity)
      throw new UserError('optionsClash', { option: key, other: `granularity ${granularity}` });
  const whole = ['row', 'column', 'unit'].includes(granularity);
  if (recipe.keepDiagonal && whole)
    throw new UserError('optionsClash', { option: 'keepDiagonal', other: `granularity ${granularity}` });
  if (recipe.shrink && granularity !== 'unit')
    throw new UserError('optionsClash', { option: 'shrink', other: `granularity ${granularity}` });
  if (granularity !== 'n:m' && granularity !== 'unit') return;
  for (const key of ['gates', ...(granularity === 'n:m' ? (['targets', 'sparsity'] as const) : [])] as const)
    if (recipe[key] !== undefined)
      throw new UserError('optionsClash', { option: key, other: `granularity ${granularity}` });
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

function scopeOf(criterion: CriterionName, granularity: GranularityName, scope?: ScopeName): ScopeName {
  const known = scopesOf[granularity];
  if (scope === undefined) return criterion === 'threshold' ? 'matrix' : (known[0] ?? 'matrix');
  if (known.includes(scope)) return scope;
  if (known.length === 0)
    throw new UserError('optionsClash', { option: 'scope', other: `granularity ${granularity}` });
  throw clash('scope', scope, 'granularity', granularity, known);
}

function targetOf(recipe: Recipe, prunables: readonly Prunable[]): Target {
  const { criterion = 'magnitude', granularity, sparsity, k, pattern = defaultPattern } = recipe;
  const budget = budgetOf(recipe);
  if (criterion === 'threshold') {
    for (const key of ['sparsity', 'gates', 'targets', ...budgetKeys] as const)
      if (recipe[key] !== undefined)
        throw new UserError('optionsClash', { option: key, other: 'criterion threshold' });
    return { k: k ?? defaultK };
  }
  if (k !== undefined) throw new UserError('optionsClash', { option: 'k', other: `criterion ${criterion}` });
  if (granularity === 'n:m') {
    if (budget) throw new UserError('optionsClash', { option: budget.key, other: 'granularity n:m' });
    const { kept, of } = parsePattern(pattern) as { kept: number; of: number };
    return { sparsity: 1 - kept / of };
  }
  if (budget) {
    if (sparsity !== undefined)
      throw new UserError('optionsClash', { option: budget.key, other: 'sparsity' });
    return { budget: budget.budget };
  }
  if (sparsity !== undefined) return { sparsity };
  if (!prunables.every((one) => ownTarget(one, recipe)))
    throw new UserError('optionMissing', { option: 'sparsity' });
  return { sparsity: 0 };
}

const budgetKeys = ['maxParameters', 'maxBytes', 'maxMultiplyAdds'] as const;
const budgetOfKey = {
  maxParameters: 'parameters',
  maxBytes: 'bytes',
  maxMultiplyAdds: 'multiplyAdds',
} as const satisfies Record<(typeof budgetKeys)[number], Budget['of']>;

/** The one budget of a recipe. */
function budgetOf(recipe: Recipe): { key: string; budget: Budget } | undefined {
  const [key, other] = budgetKeys.filter((one) => recipe[one] !== undefined);
  if (key === undefined) return undefined;
  if (other !== undefined) throw new UserError('optionsClash', { option: other, other: key });
  return { key, budget: { of: budgetOfKey[key], most: recipe[key] as number } };
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
  { name, gate }: Prunable,
  { gates = {}, targets = {} }: Pick<Recipe, 'gates' | 'targets'>,
): OwnTarget | undefined {
  const named = Object.entries(targets).findLast(([pattern]) => fits(pattern, name));
  if (named) return { name: named[0], isGate: false, target: named[1] };
  if (!gate || !Object.hasOwn(gates, gate.gate)) return undefined;
  return { name: gate.gate, isGate: true, target: gates[gate.gate] as number };
}

function checkGate(gate: string, prunables: readonly Prunable[]): void {
  const known = new Set(prunables.flatMap(({ gate }) => (gate ? [gate.gate as string] : [])));
  if (!known.has(gate)) throw new UserError('gateUnknown', { gate, gates: [...known] });
}

function checkName(name: string, prunables: readonly Prunable[]): void {
  if (!prunables.some((one) => fits(name, one.name)))
    throw new UserError('nameUnknown', { name, names: namesOf(prunables) });
}

function clash(
  option: string,
  value: string,
  other: string,
  of: string,
  known: readonly string[],
): UserError {
  return new UserError('combinationUnknown', { option, value, other, of, known });
}
