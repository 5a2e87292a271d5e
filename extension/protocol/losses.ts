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
  'log_cosh',
  'poisson',
  'kl_divergence',
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
]);

/** The loss by Keras' function name, class name (`MeanSquaredError`) or short name (`mse`, `MSE`). */
export function lossNamed(name: string): LossName | undefined {
  const snake = name
    .trim()
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
  return lossNames.find((known) => known === snake) ?? aliases.get(snake);
}
