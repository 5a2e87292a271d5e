import type { LossName } from '../protocol/losses.ts';

/** The graph's last operator, which outputs have not passed yet when a loss takes them. */
export type HeadKind = 'softmax' | 'sigmoid' | 'linear';

export interface OutputHead {
  readonly kind: HeadKind;
  /** [B, …, C], null where free. */
  readonly shape: readonly (number | null)[];
}

/** A loss chosen for a model and its data. */
export interface Loss {
  readonly name: LossName;
  readonly head: HeadKind;
  /** C: values in one row of outputs. */
  readonly width: number;
  /**
   * The loss takes the values before the head as logits. Otherwise the head is applied first, and a cross-entropy takes
   * what comes out as probabilities.
   */
  readonly fromLogits: boolean;
  /**
   * A cross-entropy less the entropy of the targets: the Kullback-Leibler divergence KL(targets ‖ outputs), 0 where both are
   * the same. Gradients are those of the cross-entropy.
   */
  readonly divergence?: boolean;
}

export function isSparse(name: LossName): boolean {
  return name === 'sparse_categorical_crossentropy';
}

export function isCategorical(name: LossName): boolean {
  return name === 'categorical_crossentropy' || isSparse(name);
}

export function isCrossEntropy(name: LossName): boolean {
  return name === 'binary_crossentropy' || isCategorical(name);
}
