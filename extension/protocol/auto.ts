import type { Message } from './messages.ts';
import type { Recipe } from './recipe.ts';
import type { DataSummary, FinetuneReport, Sizes } from './report.ts';

/**
 * Keys of a recipe that a search has no use for: how much is pruned it finds by itself, and what trials are compared with is each other.
 */
export const searchedKeys = [
  'sparsity',
  'k',
  'pattern',
  'gates',
  'targets',
  'maxParameters',
  'maxBytes',
  'maxMultiplyAdds',
  'control',
] as const satisfies readonly (keyof Recipe)[];

/** Times that the training samples are gone through in each trial where nothing is said. */
export const defaultEpochs = 5;
/** Trials where neither these nor a time are limited. */
export const defaultTrials = 10;

/**
 * How the smallest model within a loss budget is searched for: a recipe but for how much is pruned, and how long it may take. Every key is
 * also a flag of the command line.
 */
export interface AutoOptions extends Omit<Recipe, (typeof searchedKeys)[number]> {
  /** How much higher the loss may be: `2%` of the unpruned model's, or a difference such as `0.02`. */
  maxLossIncrease: string;
  /** Such as `90s`, `30m` or `1h30m`: a trial begins only where it is likely to end within. Absent: none. */
  timeBudget?: string;
  /** At most so many; absent: 10, with a time budget as many as fit in. */
  trials?: number;
}

/** How an overall sparsity is divided: so that the sum of what the gates cost alone is least, or the same for every layer. */
export type Allocation = 'sensitivity' | 'uniform';

/** One pruned model that was tried. */
export interface AutoTrial {
  /** From 1, in the order in which they were tried. */
  id: number;
  allocation: Allocation;
  /** Settings that reproduce it. */
  recipe: Recipe;
  /** The overall sparsity that was aimed at. */
  target: number;
  seconds: number;
  /** Whether the validation loss is within the budget. */
  within: boolean;
  /** What came of it; absent where training or measuring failed. */
  result?: TrialResult;
  /** Why it failed. */
  failure?: Message;
}

export interface TrialResult {
  /** The pruned model, kept beside the checkpoints. */
  file: string;
  /** Zeros / size over the prunable weights of the file. */
  sparsity: number;
  /** 1 − remaining nonzero / original prunable weights. */
  reduction: number;
  /** Nonzero weights of the whole model are what trials are compared by. */
  sizes: Sizes;
  validationLoss: number;
  /** On the reported part, which decides nothing. */
  loss: number;
}

/** The model as it is. */
export type UnprunedResult = Omit<TrialResult, 'file' | 'reduction'>;

export interface AutoReport {
  model: string;
  /** The file that was written: a copy of the best trial's. */
  output: string;
  /** Settings that reproduce this result. */
  options: AutoOptions;
  before: UnprunedResult;
  lossName: string;
  /** The highest loss that is within the budget: on the validation part, and what the same increase is on the reported one. */
  limits: { validation: number; reported: number };
  trials: AutoTrial[];
  /** Trials than which no other is both smaller and better, by size. */
  front: number[];
  /** The trial with the fewest nonzero weights within the budget. */
  best: number;
  /** Why no more was tried: the limit is known well enough, or trials, time or the user's patience were at an end. */
  stopped: 'settled' | 'trials' | 'time' | 'cancelled';
  /** The reported part. */
  data: DataSummary;
  /** What trials are compared by. */
  validation: { split: FinetuneReport['validationSplit']; samples: number };
  /** Validation samples that the sensitivities were measured on. */
  sensitivitySamples: number;
  /** Of the best trial. */
  engine?: string;
  seconds: number;
  notes: Message[];
}

/** The trial that was chosen. */
export function bestTrial({ trials, best }: Pick<AutoReport, 'trials' | 'best'>): AutoTrial | undefined {
  return trials.find(({ id }) => id === best);
}
