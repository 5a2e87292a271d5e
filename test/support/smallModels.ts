import type { Settings } from '../../extension/formats/keras/config.ts';
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

/** LSTM(5) over [4, 3], attention to itself with a scalar weight, the mean over the steps, Dense(2, softmax); as Keras 2 writes its .h5. */
export function attendingLegacy(seed = 1): LegacyFile {
  const { kerasVersion, layers } = smallLegacy(seed);
  const [lstm, dense] = layers;
  const scale = { name: 'attention/scale:0', shape: [], values: [0.75] };
  return {
    config: {
      class_name: 'Functional',
      config: attending((...names) => [names.map((name) => [name, 0, 0, {}])]),
    },
    ...(kerasVersion !== undefined && { kerasVersion }),
    layers: [lstm, { name: 'attention', weights: [scale] }, dense],
  };
}

/** The same model with the same weights, as Keras 3 writes its .keras. */
export function attendingArchive(seed = 1): ArchiveFile {
  const [lstm, attention, dense] = attendingLegacy(seed).layers;
  const tensor = (name: string) => ({
    class_name: '__keras_tensor__',
    config: { dtype: 'float32', keras_history: [name, 0, 0] },
  });
  return {
    config: {
      module: 'keras',
      class_name: 'Functional',
      config: attending((...names) => [
        { args: names.length === 1 ? names.map(tensor) : [names.map(tensor)], kwargs: {} },
      ]),
    },
    groups: [
      { path: 'layers/lstm/cell', name: 'lstm', weights: lstm.weights },
      { path: 'layers/attention', name: 'attention', weights: attention.weights },
      { path: 'layers/dense', name: 'dense', weights: dense.weights },
    ],
  };
}

/** @param calls how a version of Keras writes down a call with the outputs of these layers */
function attending(calls: (...names: string[]) => object[]): object {
  const { batch_input_shape: batchShape, ...recurrent } = recurrentConfig;
  const layer = (className: string, config: Settings, ...inputs: string[]) => ({
    class_name: className,
    name: config.name,
    config: { trainable: true, ...config },
    inbound_nodes: inputs.length === 0 ? [] : calls(...inputs),
  });
  return {
    name: 'model',
    layers: [
      layer('InputLayer', { name: 'input', batch_shape: batchShape, dtype: 'float32' }),
      layer('LSTM', { ...recurrent, return_sequences: true }, 'input'),
      layer('Attention', { name: 'attention', use_scale: true, score_mode: 'dot' }, 'lstm', 'lstm'),
      layer('GlobalAveragePooling1D', { name: 'mean' }, 'attention'),
      layer('Dense', denseConfig, 'mean'),
    ],
    input_layers: [['input', 0, 0]],
    output_layers: [['dense', 0, 0]],
  };
}
