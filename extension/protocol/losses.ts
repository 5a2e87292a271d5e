/** The losses that can be measured, by Keras' names; with Keras' default arguments, where a file has no others (Huber's delta is 1). */
export const lossNames = [
  'binary_crossentropy',
  'categorical_crossentropy',
  'sparse_categorical_crossentropy',
  'mean_squared_error',
  'mean_absolute_error',
  'mean_absolute_percentage_error',
  'mean_squared_logarithmic_error',
  'huber',
  'log_cosh',
  'poisson',
  'kl_divergence',
  'binary_focal_crossentropy',
  'categorical_focal_crossentropy',
  'hinge',
  'squared_hinge',
  'categorical_hinge',
  'cosine_similarity',
  'ctc',
  'categorical_generalized_cross_entropy',
  'dice',
  'tversky',
] as const;

export type LossName = (typeof lossNames)[number];

const aliases: ReadonlyMap<string, LossName> = new Map([
  ['bce', 'binary_crossentropy'],
  ['binary_cross_entropy', 'binary_crossentropy'],
  ['categorical_cross_entropy', 'categorical_crossentropy'],
  ['sparse_categorical_cross_entropy', 'sparse_categorical_crossentropy'],
  ['mse', 'mean_squared_error'],
  ['mae', 'mean_absolute_error'],
  ['mape', 'mean_absolute_percentage_error'],
  ['msle', 'mean_squared_logarithmic_error'],
  ['huber_loss', 'huber'],
  ['logcosh', 'log_cosh'],
  ['kld', 'kl_divergence'],
  ['kldivergence', 'kl_divergence'],
  ['kullback_leibler_divergence', 'kl_divergence'],
  ['cosine_proximity', 'cosine_similarity'],
]);

/** The loss by Keras' function name, class name (`MeanSquaredError`) or short name (`mse`, `MSE`). */
export function lossNamed(name: string): LossName | undefined {
  const snake = name
    .trim()
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
  return lossNames.find((known) => known === snake) ?? aliases.get(snake);
}
