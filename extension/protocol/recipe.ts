import type { GateName, SplitName } from './report.ts';

export const criteria = ['magnitude', 'threshold'] as const;
export const granularities = ['weight'] as const;
export const scopes = ['gate', 'matrix', 'layer', 'global'] as const;
export const schedules = ['oneshot'] as const;
export const scales = ['none', 'minmax', 'standard'] as const;
export const splits = ['train', 'val', 'test', 'all'] as const;

export type CriterionName = (typeof criteria)[number];
export type GranularityName = (typeof granularities)[number];
export type ScopeName = (typeof scopes)[number];
export type ScheduleName = (typeof schedules)[number];
export type ScaleName = (typeof scales)[number];
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
  /** Samples computed at a time. */
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

/** All that decides what is pruned and how. Every key is also a flag of the command line. */
export interface Recipe extends DataOptions {
  criterion?: CriterionName;
  /** Target share of zeros, 0…1, for ranking criteria. */
  sparsity?: number;
  /** Threshold criterion: |w| < k · mean|w|. */
  k?: number;
  granularity?: GranularityName;
  scope?: ScopeName;
  /** Targets of single gates; each is a set of its own in every layer that has it. */
  gates?: Partial<Record<GateName, number>>;
  schedule?: ScheduleName;
  /** Store the weights in gzip-compressed HDF5 chunks. */
  compress?: boolean;
  /** Seed of whatever is drawn at random. */
  seed?: number;
}
