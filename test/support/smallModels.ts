import type { ArchiveFile, LegacyFile, StoredWeight } from './kerasFile.ts';
import { randomFloats, seeded } from './random.ts';

/** I, H and classes of the small models. */
export const small = { inputs: 3, hidden: 5, classes: 2, steps: 4 } as const;

function weightsOf(seed: number): (name: string, shape: number[]) => StoredWeight {
  const next = seeded(seed);
  return (name, shape) => ({
    name,
    shape,
    values: randomFloats(
      shape.reduce((a, b) => a * b, 1),
      next,
    ),
  });
}

const recurrentConfig = {
  name: 'lstm',
  trainable: true,
  batch_input_shape: [null, small.steps, small.inputs],
  units: small.hidden,
  activation: 'tanh',
  recurrent_activation: 'sigmoid',
  use_bias: true,
  return_sequences: false,
};
const denseConfig = { name: 'dense', units: small.classes, activation: 'softmax', use_bias: true };

/** Sequential: LSTM(5) over [4, 3], Dense(2, softmax); as Keras 2 writes its .h5. */
export function smallLegacy(seed = 1, overrides: Partial<LegacyFile> = {}): LegacyFile {
  const weight = weightsOf(seed);
  const { inputs, hidden, classes } = small;
  return {
    config: {
      class_name: 'Sequential',
      config: {
        name: 'sequential',
        layers: [
          { class_name: 'LSTM', config: recurrentConfig },
          { class_name: 'Dense', config: denseConfig },
        ],
      },
    },
    kerasVersion: '2.3.1',
    layers: [
      {
        name: 'lstm',
        weights: [
          weight('lstm/kernel:0', [inputs, 4 * hidden]),
          weight('lstm/recurrent_kernel:0', [hidden, 4 * hidden]),
          weight('lstm/bias:0', [4 * hidden]),
        ],
      },
      {
        name: 'dense',
        weights: [weight('dense/kernel:0', [hidden, classes]), weight('dense/bias:0', [classes])],
      },
    ],
    ...overrides,
  };
}

/** The same model with the same weights, as Keras 3 writes its .keras. */
export function smallArchive(seed = 1, overrides: Partial<ArchiveFile> = {}): ArchiveFile {
  const [lstm, dense] = smallLegacy(seed).layers;
  const { batch_input_shape: batchShape, ...recurrent } = recurrentConfig;
  return {
    config: {
      module: 'keras',
      class_name: 'Sequential',
      config: {
        name: 'sequential',
        layers: [
          {
            module: 'keras.layers',
            class_name: 'InputLayer',
            config: { batch_shape: batchShape, name: 'input' },
          },
          { module: 'keras.layers', class_name: 'LSTM', config: recurrent },
          { module: 'keras.layers', class_name: 'Dense', config: denseConfig },
        ],
      },
    },
    groups: [
      { path: 'layers/lstm/cell', name: 'lstm', weights: lstm.weights },
      { path: 'layers/dense', name: 'dense', weights: dense.weights },
    ],
    ...overrides,
  };
}
