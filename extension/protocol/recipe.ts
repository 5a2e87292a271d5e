import type { GateName, SplitName } from './report.ts';

export const criteria = [
  'magnitude',
  'threshold',
  'l1',
  'l2',
  'gradient',
  'taylor',
  'fisher',
  'movement',
  'wanda',
  'activation',
  'activation-variance',
  'apoz',
  'input-importance',
  'random',
] as const;
export const granularities = ['weight', 'block', 'n:m', 'bank', 'row', 'column', 'unit', 'layer'] as const;
export const scopes = ['gate', 'matrix', 'layer', 'global'] as const;
export const schedules = ['oneshot', 'constant', 'polynomial', 'iterative', 'rigl', 'epoch'] as const;
export const rewinds = ['none', 'weights', 'rate'] as const;
export const scales = ['none', 'minmax', 'standard'] as const;
export const optimizers = ['adam', 'sgd', 'rmsprop'] as const;
export const decays = ['none', 'linear', 'cosine', 'exponential'] as const;
export const recoveries = ['supervised', 'unsupervised', 'distillation'] as const;
export const matches = ['kl', 'mse'] as const;
export const engines = ['auto', 'wasm', 'tensorflow'] as const;
export const splits = ['train', 'val', 'test', 'all'] as const;

/** Each takes about 20 MB, and so many are busier with each other than with a recurrent layer. */
export const mostThreads = 64;

export type CriterionName = (typeof criteria)[number];
export type GranularityName = (typeof granularities)[number];
export type ScopeName = (typeof scopes)[number];
export type ScheduleName = (typeof schedules)[number];
export type RewindName = (typeof rewinds)[number];
export type ScaleName = (typeof scales)[number];
export type OptimizerName = (typeof optimizers)[number];
export type DecayName = (typeof decays)[number];
export type RecoveryName = (typeof recoveries)[number];
export type MatchName = (typeof matches)[number];
export type EngineName = (typeof engines)[number];
export type SplitChoice = SplitName | 'all';

/** Where the samples come from and how they are cut. Every key is also a flag of the command line. */
export interface DataOptions {
  /** A .npz or .csv file. */
  data?: string;
  /** Comma-separated: arrays of the .npz, columns of the .csv (names or indices), or .npy files where `data` is absent. */
  x?: string;
  y?: string;
  /** Keras' name of a loss; absent: the file's own, else chosen from the graph's output and the targets. */
  loss?: string;
  /** Which part is reported; absent: test, else val, else the last 20 %. */
  split?: SplitChoice;
  /** Samples of a step in training; at most so many are computed at a time otherwise. Absent: 64. */
  batch?: number;
  /** CSV: rows in a window; absent: the model's fixed length. */
  window?: number;
  /** CSV: the target is the row this many after the window's last. */
  horizon?: number;
  /** CSV: rows between the starts of two windows. */
  stride?: number;
  /** CSV: fitted on the training part. */
  scale?: ScaleName;
}

/** What computes. Every key is also a flag of the command line. */
export interface EngineChoice {
  /** Absent or auto: the faster one of those that are there. */
  engine?: EngineName;
  /** Threads of the engine, 1…64; absent: one a core. */
  threads?: number;
}

/** How the pruned model is trained further, its masks held. Every key is also a flag of the command line. */
export interface FinetuneOptions {
  /** Times that the training samples are gone through; absent or 0: nothing is trained. */
  epochs?: number;
  /** Absent: the file's own, else adam. */
  optimizer?: OptimizerName;
  /** At the first step; absent: the file's own where its optimizer is used, else 0.001. */
  learningRate?: number;
  /** Of sgd and rmsprop; absent: the file's own where its optimizer is used, else 0. */
  momentum?: number;
  /** How the learning rate falls over all steps; absent: none. */
  decay?: DecayName;
  /** Gradients are scaled down together where their norm is larger; absent: never. */
  clipNorm?: number;
  /**
   * Early stopping: epochs in a row without a lower validation loss, after which training stops. The best epoch's weights are taken,
   * or the pruned ones where no epoch improved on them. Absent: all epochs, and the last one's weights.
   */
  patience?: number;
  /** Factor of Σ|w| over the kernels. */
  l1?: number;
  /** Factor of Σw² over the kernels. */
  l2?: number;
  /** Factor of Σ √n · ‖w‖ over the groups w of n weights that the granularity makes. */
  groupLasso?: number;
  /** What outputs are trained to be: the targets, what the original puts out, or something of both; absent: supervised. */
  recovery?: RecoveryName;
  /** How outputs are compared with the original's; absent: kl where they are probabilities, else mse. */
  match?: MatchName;
  /** Match kl: by what logits are divided before they are compared; absent: 2 for distillation, 1 for unsupervised. */
  temperature?: number;
  /** Recovery distillation: share of the loss against the original's outputs, 0…1; absent: 0.5. */
  mix?: number;
  /** Go on where the same job was broken off; absent: true. */
  resume?: boolean;
}

/**
 * When weights go; all but oneshot is part of fine-tuning. Steps are counted from 0 over all epochs. Every key is also a flag of the
 * command line.
 */
export interface ScheduleOptions {
  schedule?: ScheduleName;
  /** Share that is gone at the first change; absent: what is zero in the file, with rigl the target. */
  initialSparsity?: number;
  /** Step at which masks change first; absent: 0. */
  begin?: number;
  /** Step at which they change last; absent: half of the steps behind `begin` later, with rigl three quarters. */
  end?: number;
  /** Steps from one change to the next; absent: a twentieth of those from `begin` to `end`, at most 100. */
  frequency?: number;
  /** Exponent of the ramp; absent: 3. */
  power?: number;
  /** Schedule iterative: times of pruning and training; absent: 5, or the epochs where they are fewer. */
  rounds?: number;
  /** Schedule iterative: what each round begins anew with; absent: none. */
  rewind?: RewindName;
  /** Schedule rigl: share of the kept weights that is exchanged at first; absent: 0.3. */
  dropFraction?: number;
}

/** All that decides what is pruned and how. Every key is also a flag of the command line. */
export interface Recipe extends DataOptions, EngineChoice, FinetuneOptions, ScheduleOptions {
  criterion?: CriterionName;
  /** Target share of zeros, 0…1, for ranking criteria. */
  sparsity?: number;
  /** Threshold criterion: |w| < k · mean|w|. */
  k?: number;
  /** Samples of the training part that gradients and activations are taken from; absent: 256. */
  samples?: number;
  granularity?: GranularityName;
  /** Granularity block: rows × columns of a gate's matrix, such as `4x4`. */
  block?: string;
  /** Granularity n:m: N weights are kept of every M in a row, such as `2:4`. */
  pattern?: string;
  /** Granularity bank: weights of a bank; a row is cut into banks, each of which loses the same share. */
  bank?: number;
  /** The diagonals of recurrent matrices stay. */
  keepDiagonal?: boolean;
  scope?: ScopeName;
  /** Comma-separated patterns of names (`*` stands for anything) that are prunable too, such as `embedding*,dense`. */
  include?: string;
  /** Comma-separated patterns of names that are not pruned. */
  exclude?: string;
  /** Targets of single gates; each is a set of its own in every layer that has it. */
  gates?: Partial<Record<GateName, number>>;
  /** Targets by patterns of names: layer, layer/matrix or layer/matrix/gate; the last one that fits counts, before those of gates. */
  targets?: Record<string, number>;
  /** Instead of a sparsity: nonzero weights of the whole model that may remain. */
  maxParameters?: number;
  /** Instead of a sparsity: bytes that these take in the file's types. */
  maxBytes?: number;
  /**
   * Instead of a sparsity: multiply-adds with nonzero weights that one sample may take; where the model leaves its length free, of the
   * data's steps, or 32 without data.
   */
  maxMultiplyAdds?: number;
  /** Zeros that are in the file may become weights again; absent: they count as pruned and stay 0. */
  regrowZeros?: boolean;
  /** Pruned hidden units leave the file: every layer that reads them is made smaller too. */
  shrink?: boolean;
  /** Store the weights in gzip-compressed HDF5 chunks. */
  compress?: boolean;
  /** Beside the pruned model, train a dense one of as many parameters from scratch; nothing of it is written. Needs epochs. */
  control?: boolean;
  /** Seed of whatever is drawn at random: order of the training samples, dropout, inputs that measure a divergence. */
  seed?: number;
}
