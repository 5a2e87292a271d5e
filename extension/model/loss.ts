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
  /** What makes it another than Keras' default. */
  readonly options?: LossOptions;
  /** The file has the sum over a batch in place of the mean, which is told beside it. */
  readonly summed?: true;
}

/** Arguments of Keras' losses, by which they take them. */
export interface LossOptions {
  /** Share of a cross-entropy's targets that goes to all classes alike, or to yes and no. */
  readonly labelSmoothing?: number;
  /** Of the sparse cross-entropy: rows of this class do not count. */
  readonly ignoreClass?: number;
  /** Of Huber's: the error from which on it is linear. */
  readonly delta?: number;
  /** Of focal cross-entropies; Tversky's has an alpha, too. */
  readonly gamma?: number;
  readonly alpha?: number;
  /** Of Tversky's. */
  readonly beta?: number;
  /** Axes of the outputs along which it is taken, where they are not the default. */
  readonly axes?: readonly number[];
  /** What these make of Dice's and Tversky's: one loss a row or a sample. Absent: one of a whole batch. */
  readonly over?: 'row' | 'sample';
  /** Of the generalized cross-entropy: between the absolute error (1) and the cross-entropy (0). */
  readonly q?: number;
  /** Of the binary focal one: alpha weighs the classes. */
  readonly balanced?: boolean;
  /** Of hinge losses: all targets are 0 or 1, and 0 means −1. */
  readonly zeroOne?: boolean;
  /** Times all of it (Keras' loss_weights). */
  readonly weight?: number;
}

export function isSparse(name: LossName): boolean {
  return name === 'sparse_categorical_crossentropy';
}

/** Whether a target is a class index. */
export function isOfClasses(name: LossName): boolean {
  return isSparse(name) || name === 'categorical_generalized_cross_entropy';
}

/** Whether targets are labels [B,L] of the steps of a sample together, which stand at none of them. */
export function isOfSequences(name: LossName): boolean {
  return name === 'ctc';
}

/** Whether a loss is of what outputs and targets have in common, over axes that it may be told. */
export function isOverlap(name: LossName): boolean {
  return name === 'dice' || name === 'tversky';
}

/** What one loss is of where it is not of a row: all steps of a sample, or a whole batch. */
export function partOf({ name, options }: Pick<Loss, 'name' | 'options'>): 'sample' | 'batch' | undefined {
  if (isOfSequences(name)) return 'sample';
  const over = isOverlap(name) ? (options?.over ?? 'batch') : 'row';
  return over === 'row' ? undefined : over;
}

export function isCategorical(name: LossName): boolean {
  return name === 'categorical_crossentropy' || isSparse(name);
}

export function isFocal(name: LossName): boolean {
  return name === 'binary_focal_crossentropy' || name === 'categorical_focal_crossentropy';
}

export function isHinge(name: LossName): boolean {
  return name === 'hinge' || name === 'squared_hinge';
}

const byClass: ReadonlySet<LossName> = new Set(['categorical_focal_crossentropy', 'categorical_hinge']);

/** Whether a row of outputs says which class it is, or of each output whether it is so; undefined of other losses. */
export function answerOf(name: LossName): 'class' | 'yesOrNo' | undefined {
  if (isCategorical(name) || isOfClasses(name) || byClass.has(name)) return 'class';
  return name === 'binary_crossentropy' || name === 'binary_focal_crossentropy' ? 'yesOrNo' : undefined;
}

export function isCrossEntropy(name: LossName): boolean {
  return name === 'binary_crossentropy' || isCategorical(name) || isFocal(name);
}
