/** How long a training is. */
export interface Timeline {
  readonly epochs: number;
  readonly stepsPerEpoch: number;
}

/** Steps from `first` on. */
export interface Span {
  readonly first: number;
  readonly steps: number;
}

/**
 * When the masks of a training change, and how much of a set is to be gone then. Steps are counted from 0 over all epochs, so at step t
 * the weights have been updated t times. Nothing is remembered from one step to the next: a training may be taken up anywhere.
 */
export interface Schedule {
  /** Whether masks change at a step: just before it is taken, or, `atEpochEnds`, just before the epoch that ends there is validated. */
  changesAt(step: number): boolean;
  /** Step of the first change. */
  readonly begins: number;
  /** From the change at this step on all that is to go is gone. */
  readonly settled: number;
  readonly atEpochEnds?: true;
  /**
   * The share of a set that is to be gone at a step at which masks change.
   * @param present share that was gone before the training
   * @param final share that is to go in the end
   */
  share(step: number, present: number, final: number): number;
  /** The share of what is kept that gives way to what was masked; absent: masks only grow. */
  exchanged?(step: number): number;
  /** The steps over which the learning rate falls as over a training of their own; absent: all. */
  rateSpan?(step: number): Span;
  /** Whether kept weights go back to the file's values at every change but one at step 0. */
  readonly rewindsWeights?: true;
}

/** Where a set begins: at what is asked for, unless more is gone already. */
export function initialShare(initialSparsity: number, present: number, final: number): number {
  return Math.min(Math.max(initialSparsity, present), final);
}
