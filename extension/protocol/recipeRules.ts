import {
  criterionNeeds,
  granularitiesOf,
  judgeInputsAlone,
  schedulesFor,
  schedulesOf,
  scopesOf,
} from './compatibility.ts';
import {
  criteria,
  type GranularityName,
  granularities,
  optimizers,
  type Recipe,
  recoveries,
} from './recipe.ts';
import { UserError } from './userError.ts';

/** What counts where the key that others depend on is not given. */
export const absentKeys = {
  criterion: 'magnitude',
  granularity: 'weight',
  schedule: 'oneshot',
  recovery: 'supervised',
} as const satisfies Recipe;

/** Instead of a sparsity: what may remain. */
export const budgetKeys = [
  'maxParameters',
  'maxBytes',
  'maxMultiplyAdds',
] as const satisfies readonly (keyof Recipe)[];
export type BudgetKey = (typeof budgetKeys)[number];

/** Keys whose choices depend on another key's value. */
interface Combination {
  readonly key: 'granularity' | 'scope' | 'schedule';
  readonly other: 'criterion' | 'granularity';
  readonly choices: Readonly<Record<string, readonly string[]>>;
}

export const combinations: readonly Combination[] = [
  { key: 'granularity', other: 'criterion', choices: granularitiesOf },
  { key: 'scope', other: 'granularity', choices: scopesOf },
  { key: 'schedule', other: 'criterion', choices: schedulesOf },
  { key: 'schedule', other: 'granularity', choices: schedulesFor },
];

/** Keys that have a meaning only where another key has one of some values. */
export interface KeyRule {
  readonly keys: readonly (keyof Recipe)[];
  readonly other: 'criterion' | 'granularity' | 'optimizer' | 'schedule' | 'recovery' | 'match';
  readonly values: readonly string[];
}

const wholeGroups: readonly GranularityName[] = ['row', 'column', 'unit', 'layer'];

export const keyRules: readonly KeyRule[] = [
  { keys: ['k'], other: 'criterion', values: ['threshold'] },
  {
    keys: ['sparsity', 'gates', 'targets', ...budgetKeys],
    other: 'criterion',
    values: without(criteria, 'threshold'),
  },
  // What nothing can be ranked by at first.
  { keys: ['initialSparsity'], other: 'criterion', values: without(criteria, 'threshold', 'movement') },
  {
    keys: ['samples'],
    other: 'criterion',
    values: criteria.filter((criterion) => criterionNeeds[criterion] === 'data'),
  },
  { keys: ['block'], other: 'granularity', values: ['block'] },
  { keys: ['pattern'], other: 'granularity', values: ['n:m'] },
  { keys: ['bank'], other: 'granularity', values: ['bank'] },
  { keys: ['keepDiagonal'], other: 'granularity', values: without(granularities, ...wholeGroups) },
  { keys: ['shrink'], other: 'granularity', values: ['unit'] },
  { keys: ['gates'], other: 'granularity', values: without(granularities, 'n:m', 'column', 'unit', 'layer') },
  { keys: ['sparsity', 'targets'], other: 'granularity', values: without(granularities, 'n:m') },
  // Other weights are no layers that could leave.
  { keys: ['include'], other: 'granularity', values: without(granularities, 'layer') },
  // Layers are few and large: no budget could be met closely.
  { keys: [...budgetKeys], other: 'granularity', values: without(granularities, 'n:m', 'layer') },
  {
    keys: ['scope'],
    other: 'granularity',
    values: granularities.filter((granularity) => scopesOf[granularity].length > 0),
  },
  { keys: ['momentum'], other: 'optimizer', values: without(optimizers, 'adam') },
  // Groups of single weights would be what L1 is for.
  { keys: ['groupLasso'], other: 'granularity', values: ['block', 'row', 'column', 'unit'] },
  { keys: ['mix'], other: 'recovery', values: ['distillation'] },
  { keys: ['match', 'temperature'], other: 'recovery', values: without(recoveries, 'supervised') },
  { keys: ['temperature'], other: 'match', values: ['kl'] },
  { keys: ['initialSparsity'], other: 'schedule', values: ['polynomial', 'iterative', 'rigl', 'epoch'] },
  { keys: ['begin', 'end', 'frequency'], other: 'schedule', values: ['constant', 'polynomial', 'rigl'] },
  { keys: ['power'], other: 'schedule', values: ['polynomial', 'rigl'] },
  { keys: ['rounds', 'rewind'], other: 'schedule', values: ['iterative'] },
  { keys: ['dropFraction'], other: 'schedule', values: ['rigl'] },
];

/** Keys of which a recipe may have one. */
export const alternatives: readonly (readonly (keyof Recipe)[])[] = [['sparsity', ...budgetKeys]];

/** A key that has a meaning only beside another, where a third has some value. */
export interface CompanionRule {
  readonly key: keyof Recipe;
  readonly needs: keyof Recipe;
  readonly other: KeyRule['other'];
  readonly value: string;
}

export const companionRules: readonly CompanionRule[] = [
  // From the start as much is gone as is to go: there is no ramp.
  { key: 'power', needs: 'initialSparsity', other: 'schedule', value: 'rigl' },
];

/** What only data gives a meaning to. */
export const aboutData = [
  'y',
  'loss',
  'split',
  'batch',
  'window',
  'horizon',
  'stride',
  'scale',
  'epochs',
] as const;

/** What only fine-tuning gives a meaning to. */
export const aboutTraining = [
  'optimizer',
  'learningRate',
  'momentum',
  'decay',
  'clipNorm',
  'patience',
  'l1',
  'l2',
  'groupLasso',
  'recovery',
  'match',
  'temperature',
  'mix',
  'resume',
  'control',
] as const satisfies readonly (keyof Recipe)[];

/**
 * Refuses keys that do not go together, whatever model and data they are for. Values must have been checked. Throws `UserError`
 * combinationUnknown, optionsClash or optionAlone.
 */
export function checkCombinations(recipe: Recipe): void {
  for (const { error } of clashesOf(recipe)) throw error;
}

/** Two keys that do not go together as they are given, or as they count where nothing is given. */
export interface Clash {
  readonly keys: readonly [keyof Recipe, keyof Recipe];
  readonly error: UserError;
}

/** All keys that do not go together, in the order in which they are refused. */
export function* clashesOf(recipe: Recipe): Generator<Clash> {
  for (const { keys, other, values } of keyRules) {
    const found = settingOf(recipe, other);
    if (found === undefined || values.includes(found)) continue;
    for (const key of keys.filter((one) => given(recipe, one)))
      yield clash([key, other], 'optionsClash', { option: key, other: `${other} ${found}` });
  }
  for (const { key, other, choices } of combinations) {
    const [value, of] = [settingOf(recipe, key), settingOf(recipe, other)];
    if (value === undefined || of === undefined || choices[of].includes(value)) continue;
    yield clash([key, other], 'combinationUnknown', { option: key, value, other, of, known: choices[of] });
  }
  for (const keys of alternatives) {
    const [first, ...others] = keys.filter((key) => given(recipe, key));
    for (const key of others) yield clash([key, first], 'optionsClash', { option: key, other: first });
  }
  for (const { key, needs, other, value } of companionRules) {
    if (!given(recipe, key) || given(recipe, needs) || settingOf(recipe, other) !== value) continue;
    yield clash([key, other], 'optionAlone', { option: key, other: needs });
  }
}

function clash(keys: Clash['keys'], ...error: ConstructorParameters<typeof UserError>): Clash {
  return { keys, error: new UserError(...error) };
}

/** What a key has or counts as; undefined where nothing can be told of it before the model is known. */
function settingOf(recipe: Recipe, key: KeyRule['other'] | Combination['key']): string | undefined {
  return recipe[key] ?? (absentKeys as Partial<Record<typeof key, string>>)[key];
}

/**
 * Whether data must say what should come out: not for who learns from the original alone, or judges weights by the inputs and trains
 * nothing.
 */
export function needsTargets({
  criterion = absentKeys.criterion,
  recovery = absentKeys.recovery,
  epochs = 0,
}: Pick<Recipe, 'criterion' | 'recovery' | 'epochs'>): boolean {
  if (epochs > 0) return recovery !== 'unsupervised';
  return !judgeInputsAlone.includes(criterion);
}

/** A switch that is off says nothing, but for the one that is on where nothing is said. */
export function given(recipe: Recipe, key: keyof Recipe): boolean {
  return recipe[key] !== undefined && (recipe[key] !== false || key === 'resume');
}

function without<Name extends string>(names: readonly Name[], ...left: readonly Name[]): Name[] {
  return names.filter((name) => !left.includes(name));
}
