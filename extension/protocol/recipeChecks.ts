import { lossNamed, lossNames } from './losses.ts';
import type { Message } from './messages.ts';
import {
  criteria,
  decays,
  engines,
  granularities,
  matches,
  mostThreads,
  optimizers,
  type Recipe,
  recoveries,
  rewinds,
  scales,
  schedules,
  scopes,
  splits,
} from './recipe.ts';
import { aboutData, aboutTraining, checkCombinations, given, needsTargets } from './recipeRules.ts';
import { checkSchedule } from './scheduleChecks.ts';
import { UserError } from './userError.ts';
import {
  aboveZero,
  belowOne,
  blockSize,
  fromZero,
  invalidValue,
  nmPattern,
  oneOf,
  onOrOff,
  share,
  text,
  type ValueCheck,
  whole,
} from './valueChecks.ts';

/** Keys that hold a target for each of several names, and what should stand there. */
export const targetsExpected = {
  gates: { code: 'expectedGates', args: {} },
  targets: { code: 'expectedTargets', args: {} },
} as const satisfies Partial<Record<keyof Recipe, Message>>;
type TargetKey = keyof typeof targetsExpected;
const targetKeys = Object.keys(targetsExpected) as TargetKey[];

/** What may stand under each key of a recipe. Targets of gates and names are checked one by one. */
export const checks: Record<Exclude<keyof Recipe, TargetKey>, ValueCheck> = {
  data: text,
  x: text,
  y: text,
  loss: text,
  split: oneOf(splits),
  batch: whole(1),
  window: whole(1),
  horizon: whole(1),
  stride: whole(1),
  scale: oneOf(scales),
  criterion: oneOf(criteria),
  sparsity: share,
  k: fromZero,
  samples: whole(1),
  granularity: oneOf(granularities),
  block: blockSize,
  pattern: nmPattern,
  bank: whole(2),
  keepDiagonal: onOrOff,
  scope: oneOf(scopes),
  include: text,
  exclude: text,
  maxParameters: whole(1),
  maxBytes: whole(1),
  maxMultiplyAdds: whole(1),
  regrowZeros: onOrOff,
  shrink: onOrOff,
  schedule: oneOf(schedules),
  initialSparsity: share,
  begin: whole(0),
  end: whole(0),
  frequency: whole(1),
  power: aboveZero,
  rounds: whole(1),
  rewind: oneOf(rewinds),
  dropFraction: share,
  compress: onOrOff,
  seed: whole(0),
  epochs: whole(0),
  optimizer: oneOf(optimizers),
  learningRate: aboveZero,
  momentum: belowOne,
  decay: oneOf(decays),
  clipNorm: aboveZero,
  patience: whole(1),
  l1: fromZero,
  l2: fromZero,
  groupLasso: fromZero,
  recovery: oneOf(recoveries),
  match: oneOf(matches),
  temperature: aboveZero,
  mix: share,
  resume: onOrOff,
  control: onOrOff,
  engine: oneOf(engines),
  threads: whole(1, mostThreads),
};

/** Every key that a recipe may have. */
export const recipeKeys = [...Object.keys(checks), ...targetKeys] as (keyof Recipe)[];

/**
 * Checks every value of a recipe or of data options, whoever gives it: flags, a file, a request. What needs the model
 * (which gates it has, which optimizer) is for whoever knows it. Throws invalidValue, lossUnknown, optionNeedsData,
 * optionNeedsEpochs, optionsClash, combinationUnknown or optionMissing.
 */
export function checkRecipe(recipe: Recipe): void {
  checkValues(recipe);
  if (!recipe.epochs) {
    const useless = aboutTraining.find((key) => given(recipe, key));
    // A switch that is on where nothing is said is named by what puts it off.
    if (useless)
      throw new UserError('optionNeedsEpochs', {
        option: recipe[useless] === false ? `no-${useless}` : useless,
      });
  }
  checkCombinations(recipe);
  checkSchedule(recipe);
  if (recipe.data !== undefined) return;
  if (recipe.x !== undefined) {
    if (recipe.y === undefined && needsTargets(recipe)) throw new UserError('optionMissing', { option: 'y' });
    return;
  }
  const useless = aboutData.find((key) => recipe[key] !== undefined);
  if (useless) throw new UserError('optionNeedsData', { option: useless });
}

/** The values alone, as in a file whose recipe is still to be completed. Throws invalidValue or lossUnknown. */
export function checkValues(recipe: Recipe): void {
  for (const [key, check] of Object.entries(checks)) {
    const value = recipe[key as keyof typeof checks];
    if (value !== undefined && !check.allows(value)) throw invalidValue(key, value, check.expected);
  }
  const { loss } = recipe;
  if (loss !== undefined && !lossNamed(loss)) {
    throw new UserError('lossUnknown', { loss, known: lossNames });
  }
  for (const key of targetKeys) checkTargets(key, recipe[key]);
}

function checkTargets(key: TargetKey, targets: unknown): void {
  if (targets === undefined) return;
  if (typeof targets !== 'object' || targets === null || Array.isArray(targets)) {
    throw invalidValue(key, targets, targetsExpected[key]);
  }
  for (const [name, target] of Object.entries(targets)) {
    if (!share.allows(target)) throw invalidValue(`${key} ${name}`, target, share.expected);
  }
}
