import { flagName } from '../protocol/flagNames.ts';
import type { Recipe } from '../protocol/recipe.ts';
import { checkValues, targetsExpected } from '../protocol/recipeChecks.ts';
import { judgingKeys } from '../protocol/sensitivity.ts';
import { UserError } from '../protocol/userError.ts';
import { type FlagTypes, parseFlags } from './parseFlags.ts';

/**
 * A flag is a recipe key of the same name, `--learning-rate` is learningRate; this is how its text becomes the key's value, which is
 * checked later.
 */
const recipeFlags = {
  data: text,
  x: text,
  y: text,
  loss: text,
  split: text,
  batch: number,
  window: number,
  horizon: number,
  stride: number,
  scale: text,
  criterion: text,
  sparsity: number,
  k: number,
  samples: number,
  granularity: text,
  block: text,
  pattern: text,
  bank: number,
  keepDiagonal: 'boolean',
  scope: text,
  include: text,
  exclude: text,
  gates: targetsOf('gates'),
  targets: targetsOf('targets'),
  maxParameters: number,
  maxBytes: number,
  maxMultiplyAdds: number,
  regrowZeros: 'boolean',
  shrink: 'boolean',
  schedule: text,
  initialSparsity: number,
  begin: number,
  end: number,
  frequency: number,
  power: number,
  rounds: number,
  rewind: text,
  dropFraction: number,
  compress: 'boolean',
  seed: number,
  epochs: number,
  optimizer: text,
  learningRate: number,
  momentum: number,
  decay: text,
  clipNorm: number,
  patience: number,
  l1: number,
  l2: number,
  groupLasso: number,
  recovery: text,
  match: text,
  temperature: number,
  mix: number,
  resume: 'boolean',
  control: 'boolean',
  engine: text,
  threads: number,
} as const satisfies Record<keyof Recipe, ((text: string) => unknown) | 'boolean'>;

type RecipeKey = keyof Recipe;

/** Of data and engine; of a recipe these are told of whatever is computed. */
export const dataKeys = [
  'data',
  'x',
  'y',
  'loss',
  'split',
  'batch',
  'window',
  'horizon',
  'stride',
  'scale',
  'engine',
  'threads',
] as const satisfies readonly RecipeKey[];

/** Switches that are on where nothing is said, so that there is a flag that puts them off. */
const offFlags = { 'no-resume': 'resume' } as const satisfies Record<string, RecipeKey>;

/** Flags that are no part of a recipe. */
const otherFlags = {
  out: 'string',
  report: 'string',
  recipe: 'string',
  'save-recipe': 'string',
  force: 'boolean',
  'keep-best': 'boolean',
  levels: 'string',
  'max-loss-increase': 'string',
  'time-budget': 'string',
  trials: 'string',
} as const;

/** Of a search alone. */
const searchFlags = ['max-loss-increase', 'time-budget', 'trials'];

export type Command = 'inspect' | 'evaluate' | 'prune' | 'sensitivity' | 'auto' | 'convert';

const commandFlags: Record<Command, readonly string[]> = {
  inspect: [],
  evaluate: dataKeys,
  prune: [
    ...Object.keys(recipeFlags).map(flagName),
    ...Object.keys(offFlags),
    ...Object.keys(otherFlags).filter((name) => name !== 'levels' && !searchFlags.includes(name)),
  ],
  convert: ['out', 'force'],
  sensitivity: [...dataKeys, ...judgingKeys.map(flagName), 'levels', 'recipe', 'report', 'force'],
  auto: [
    // How much goes is refused later, which says why.
    ...Object.keys(recipeFlags).map(flagName),
    ...Object.keys(offFlags),
    ...Object.keys(otherFlags).filter((name) => name !== 'levels'),
  ],
};

export interface Arguments {
  readonly command: Command;
  readonly model: string;
  readonly recipe: Recipe;
  readonly json: boolean;
  readonly out?: string;
  readonly report?: string;
  readonly recipeFile?: string;
  /** Where the recipe that reproduces the result goes. */
  readonly recipeOutput?: string;
  readonly force: boolean;
  /** The first interruption of fine-tuning or of a search ends it and keeps the best. */
  readonly keepBest: boolean;
  /** As they were given; what is no number is refused later. */
  readonly levels?: readonly unknown[];
  readonly search: SearchArguments;
}

/** What only a search is told, as it was given. */
export interface SearchArguments {
  readonly maxLossIncrease?: string;
  readonly timeBudget?: string;
  readonly trials?: unknown;
}

/**
 * Reads the arguments behind the program's name. Throws commandUnknown, commandTakesOne, commandNeedsOut, what `parseFlags` throws,
 * invalidValue, lossUnknown or optionsClash.
 */
export function parseArguments(args: readonly string[]): Arguments {
  const [command, ...rest] = args;
  if (!isCommand(command))
    throw new UserError('commandUnknown', { command, known: Object.keys(commandFlags) });
  const { values, positionals } = parseFlags(command, rest, flagTypes(command));
  const { length: count } = positionals;
  if (count !== 1) throw new UserError('commandTakesOne', { command, count });
  const string = (name: string) => values[name] as string | undefined;
  if (command === 'convert' && string('out') === undefined)
    throw new UserError('commandNeedsOut', { command });
  const [out, report, recipeFile] = [string('out'), string('report'), string('recipe')];
  const [recipeOutput, levels] = [string('save-recipe'), string('levels')];
  const [maxLossIncrease, timeBudget] = [string('max-loss-increase'), string('time-budget')];
  const trials = string('trials');
  return {
    command,
    model: positionals[0],
    recipe: recipeOf(values),
    json: values.json === true,
    force: values.force === true,
    keepBest: values['keep-best'] === true,
    ...(out !== undefined && { out }),
    ...(report !== undefined && { report }),
    ...(recipeFile !== undefined && { recipeFile }),
    ...(recipeOutput !== undefined && { recipeOutput }),
    ...(levels !== undefined && { levels: levels.split(',').map(number) }),
    search: {
      ...(maxLossIncrease !== undefined && { maxLossIncrease }),
      ...(timeBudget !== undefined && { timeBudget }),
      ...(trials !== undefined && { trials: number(trials) }),
    },
  };
}

function isCommand(word: string): word is Command {
  return Object.hasOwn(commandFlags, word);
}

function flagTypes(command: Command): FlagTypes {
  return new Map([
    ['json', 'boolean'],
    ...commandFlags[command].map((name) => [name, flagType(name)] as const),
  ]);
}

function flagType(name: string): 'string' | 'boolean' {
  if (Object.hasOwn(otherFlags, name)) return otherFlags[name as keyof typeof otherFlags];
  if (Object.hasOwn(offFlags, name)) return 'boolean';
  const [, read] = Object.entries(recipeFlags).find(([key]) => flagName(key) === name) ?? [];
  return read === 'boolean' ? 'boolean' : 'string';
}

function recipeOf(values: Record<string, unknown>): Recipe {
  const recipe: Record<string, unknown> = {};
  for (const [key, read] of Object.entries(recipeFlags)) {
    const value = values[flagName(key)];
    if (value !== undefined) recipe[key] = read === 'boolean' ? value : read(value as string);
  }
  for (const [flag, key] of Object.entries(offFlags)) {
    if (values[flag] !== true) continue;
    if (recipe[key] === true) throw new UserError('optionsClash', { option: key, other: flag });
    recipe[key] = false;
  }
  checkValues(recipe);
  return recipe as Recipe;
}

function text(value: string): string {
  return value;
}

/** Text that is no number stays text, which the check names. */
function number(value: string): number | string {
  const parsed = Number(value);
  return value.trim() === '' || Number.isNaN(parsed) ? value : parsed;
}

/** `i=0.9,f=0.9` */
function targetsOf(option: keyof typeof targetsExpected): (value: string) => unknown {
  return (value) => {
    const targets: [string, unknown][] = [];
    for (const part of value.split(',')) {
      const [name, target, ...more] = part.split('=');
      if (target === undefined || more.length > 0)
        throw new UserError('invalidValue', { option, value, expected: targetsExpected[option] });
      targets.push([name.trim(), number(target)]);
    }
    // Unlike an assignment this makes any name, `__proto__` too, a key of the object's own.
    return Object.fromEntries(targets);
  };
}
