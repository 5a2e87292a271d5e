import { lossNamed, lossNames } from './losses.ts';
import type { Message } from './messages.ts';
import { parseBlock, parsePattern } from './patterns.ts';
import {
  criteria,
  decays,
  engines,
  type FinetuneOptions,
  granularities,
  mostThreads,
  optimizers,
  type Recipe,
  scales,
  schedules,
  scopes,
  splits,
} from './recipe.ts';
import { UserError } from './userError.ts';

/** Keys that hold a target for each of several names, and what should stand there. */
export const targetsExpected = {
  gates: { code: 'expectedGates', args: {} },
  targets: { code: 'expectedTargets', args: {} },
} as const satisfies Partial<Record<keyof Recipe, Message>>;
type TargetKey = keyof typeof targetsExpected;
const targetKeys = Object.keys(targetsExpected) as TargetKey[];

/** Whether a value may stand under a key; else what should stand there. */
interface Check {
  readonly expected: readonly string[] | Message;
  allows(value: unknown): boolean;
}

const text: Check = {
  expected: { code: 'expectedText', args: {} },
  allows: (value) => typeof value === 'string',
};
const onOrOff: Check = {
  expected: { code: 'expectedSwitch', args: {} },
  allows: (value) => typeof value === 'boolean',
};
const share: Check = {
  expected: { code: 'expectedShare', args: {} },
  allows: (value) => isNumber(value) && value >= 0 && value <= 1,
};

const fromZero: Check = {
  expected: { code: 'expectedNumberFrom', args: { low: 0 } },
  allows: (value) => isNumber(value) && value >= 0,
};
const aboveZero: Check = {
  expected: { code: 'expectedNumberAbove', args: { low: 0 } },
  allows: (value) => isNumber(value) && value > 0,
};
/** A moment of 1 would never forget. */
const belowOne: Check = {
  expected: { code: 'expectedNumberBelow', args: { low: 0, high: 1 } },
  allows: (value) => isNumber(value) && value >= 0 && value < 1,
};

const blockSize: Check = {
  expected: { code: 'expectedBlock', args: {} },
  allows: (value) => typeof value === 'string' && parseBlock(value) !== undefined,
};
const nmPattern: Check = {
  expected: { code: 'expectedPattern', args: {} },
  allows: (value) => typeof value === 'string' && parsePattern(value) !== undefined,
};

/** What may stand under each key of a recipe. Targets of gates and names are checked one by one. */
const checks: Record<Exclude<keyof Recipe, TargetKey>, Check> = {
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
  resume: onOrOff,
  engine: oneOf(engines),
  threads: whole(1, mostThreads),
};

/** Every key that a recipe may have. */
export const recipeKeys = [...Object.keys(checks), ...targetKeys] as (keyof Recipe)[];

/** What only data gives a meaning to. */
const aboutData = ['y', 'loss', 'split', 'batch', 'window', 'horizon', 'stride', 'scale', 'epochs'] as const;

/** What only fine-tuning gives a meaning to. */
const aboutTraining = [
  'optimizer',
  'learningRate',
  'momentum',
  'decay',
  'clipNorm',
  'patience',
  'l1',
  'l2',
  'resume',
] as const satisfies readonly Exclude<keyof FinetuneOptions, 'epochs'>[];

/**
 * Checks every value of a recipe or of data options, whoever gives it: flags, a file, a request. What needs the model
 * (which gates it has, which optimizer) is for whoever knows it. Throws invalidValue, lossUnknown, optionNeedsData,
 * optionNeedsEpochs, optionsClash or optionMissing.
 */
export function checkRecipe(recipe: Recipe): void {
  checkValues(recipe);
  if (!recipe.epochs) {
    const useless = aboutTraining.find((key) => recipe[key] !== undefined);
    // A switch that is on where nothing is said is named by what puts it off.
    if (useless)
      throw new UserError('optionNeedsEpochs', {
        option: recipe[useless] === false ? `no-${useless}` : useless,
      });
  }
  if (recipe.optimizer === 'adam' && recipe.momentum !== undefined)
    throw new UserError('optionsClash', { option: 'momentum', other: 'optimizer adam' });
  if (recipe.data !== undefined) return;
  if (recipe.x !== undefined) {
    if (recipe.y === undefined) throw new UserError('optionMissing', { option: 'y' });
    return;
  }
  const useless = aboutData.find((key) => recipe[key] !== undefined);
  if (useless) throw new UserError('optionNeedsData', { option: useless });
}

/** The values alone, as in a file whose recipe is still to be completed. Throws invalidValue or lossUnknown. */
export function checkValues(recipe: Recipe): void {
  for (const [key, check] of Object.entries(checks)) {
    const value = recipe[key as keyof typeof checks];
    if (value !== undefined && !check.allows(value)) throw invalid(key, value, check.expected);
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
    throw invalid(key, targets, targetsExpected[key]);
  }
  for (const [name, target] of Object.entries(targets)) {
    if (!share.allows(target)) throw invalid(`${key} ${name}`, target, share.expected);
  }
}

function oneOf(valid: readonly string[]): Check {
  return { expected: valid, allows: (value) => valid.some((one) => one === value) };
}

function whole(low: number, high?: number): Check {
  return {
    expected:
      high === undefined
        ? { code: 'expectedWhole', args: { low } }
        : { code: 'expectedWholeBetween', args: { low, high } },
    allows: (value) =>
      Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= (high ?? Infinity),
  };
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function invalid(option: string, value: unknown, expected: Check['expected']): UserError {
  const shown = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return new UserError('invalidValue', { option, value: shown, expected });
}
