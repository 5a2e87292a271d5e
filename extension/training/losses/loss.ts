/** The losses that can be measured, by Keras' names; all with Keras' default arguments (Huber's delta is 1). */
export const lossNames = [
  'binary_crossentropy',
  'categorical_crossentropy',
  'sparse_categorical_crossentropy',
  'mean_squared_error',
  'mean_absolute_error',
  'mean_absolute_percentage_error',
  'mean_squared_logarithmic_error',
  'huber',
] as const;

export type LossName = (typeof lossNames)[number];

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
}

const aliases: Readonly<Record<string, LossName>> = {
  bce: 'binary_crossentropy',
  binary_cross_entropy: 'binary_crossentropy',
  categorical_cross_entropy: 'categorical_crossentropy',
  sparse_categorical_cross_entropy: 'sparse_categorical_crossentropy',
  mse: 'mean_squared_error',
  mae: 'mean_absolute_error',
  mape: 'mean_absolute_percentage_error',
  msle: 'mean_squared_logarithmic_error',
  huber_loss: 'huber',
};

/** The loss by Keras' function name, class name (`MeanSquaredError`) or short name (`mse`, `MSE`). */
export function lossNamed(name: string): LossName | undefined {
  const snake = name
    .trim()
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
  return lossNames.find((known) => known === snake) ?? aliases[snake];
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
