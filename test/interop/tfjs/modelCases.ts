import type { Untyped } from './stock.ts';

export interface StockCase {
  readonly name: string;
  readonly inputs: readonly { readonly shape: readonly number[]; readonly tokens?: number }[];
  build(tf: Untyped): Untyped;
  readonly loss: string;
  readonly optimizer?: string;
  /** The state of the optimizer is stored, too. */
  readonly trained?: boolean;
  /** As the converter of Keras' files writes it: the configuration in `model_config`. */
  readonly asKeras?: boolean;
  readonly quantized?: 'uint8' | 'uint16' | 'float16';
}

const sequence = { shape: [3, 6, 4] };
const tokens = { shape: [3, 7], tokens: 9 };

function sequential(tf: Untyped, ...layers: Untyped[]): Untyped {
  return tf.sequential({ layers });
}

function bidirectional(mergeMode: string, returnSequences = false): StockCase['build'] {
  return (tf) =>
    sequential(
      tf,
      tf.layers.bidirectional({
        layer: tf.layers.lstm({ units: 5, returnSequences, inputShape: [6, 4] }),
        mergeMode,
        inputShape: [6, 4],
      }),
      tf.layers.dense({ units: 2, activation: 'softmax' }),
    );
}

const stack: StockCase['build'] = (tf) =>
  sequential(
    tf,
    tf.layers.lstm({ units: 6, returnSequences: true, inputShape: [6, 4] }),
    tf.layers.dropout({ rate: 0.3 }),
    tf.layers.lstm({ units: 5, recurrentActivation: 'sigmoid', returnSequences: true }),
    tf.layers.gru({ units: 4 }),
    tf.layers.dense({ units: 3, activation: 'softmax' }),
  );

/** Models as tfjs-layers makes them, with its own defaults. */
export const cases: readonly StockCase[] = [
  {
    name: 'lstm',
    inputs: [sequence],
    loss: 'meanSquaredError',
    build: (tf) =>
      sequential(tf, tf.layers.lstm({ units: 5, inputShape: [6, 4] }), tf.layers.dense({ units: 2 })),
  },
  {
    name: 'regularized',
    inputs: [sequence],
    loss: 'meanSquaredError',
    build: (tf) =>
      sequential(
        tf,
        tf.layers.lstm({ units: 5, kernelRegularizer: tf.regularizers.l2({ l2: 0.5 }), inputShape: [6, 4] }),
        tf.layers.dense({ units: 2, kernelRegularizer: tf.regularizers.l1({ l1: 0.5 }) }),
      ),
  },
  ...['hinge', 'squaredHinge', 'categoricalHinge', 'cosineProximity'].map((loss) => ({
    name: loss,
    inputs: [sequence],
    loss,
    trained: true,
    build: (tf: Untyped) =>
      sequential(tf, tf.layers.gru({ units: 4, inputShape: [6, 4] }), tf.layers.dense({ units: 3 })),
  })),
  {
    name: 'gru_backwards',
    inputs: [sequence],
    loss: 'meanSquaredError',
    build: (tf) =>
      sequential(
        tf,
        tf.layers.gru({ units: 5, goBackwards: true, returnSequences: true, inputShape: [6, 4] }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 2 }),
      ),
  },
  {
    name: 'stateful',
    inputs: [sequence],
    loss: 'meanSquaredError',
    build: (tf) =>
      sequential(
        tf,
        tf.layers.lstm({ units: 5, stateful: true, returnSequences: true, batchInputShape: [3, 6, 4] }),
        tf.layers.gru({ units: 4, stateful: true }),
        tf.layers.dense({ units: 2 }),
      ),
  },
  {
    name: 'simple_rnn',
    inputs: [sequence],
    loss: 'binaryCrossentropy',
    build: (tf) =>
      sequential(
        tf,
        tf.layers.simpleRNN({ units: 5, activation: 'relu', useBias: false, inputShape: [6, 4] }),
        tf.layers.dense({ units: 2, activation: 'sigmoid' }),
      ),
  },
  ...['concat', 'sum', 'mul', 'ave'].map((mode) => ({
    name: `bidirectional_${mode}`,
    inputs: [sequence],
    loss: 'categoricalCrossentropy',
    build: bidirectional(mode),
  })),
  {
    name: 'bidirectional_sequences',
    inputs: [sequence],
    loss: 'categoricalCrossentropy',
    build: bidirectional('concat', true),
  },
  { name: 'stack', inputs: [sequence], loss: 'categoricalCrossentropy', trained: true, build: stack },
  {
    name: 'stack_of_keras',
    inputs: [sequence],
    loss: 'categoricalCrossentropy',
    asKeras: true,
    build: stack,
  },
  {
    name: 'stack_uint8',
    inputs: [sequence],
    loss: 'categoricalCrossentropy',
    quantized: 'uint8',
    build: stack,
  },
  {
    name: 'stack_uint16',
    inputs: [sequence],
    loss: 'categoricalCrossentropy',
    quantized: 'uint16',
    build: stack,
  },
  {
    name: 'stack_float16',
    inputs: [sequence],
    loss: 'categoricalCrossentropy',
    quantized: 'float16',
    build: stack,
  },
  {
    name: 'thick',
    inputs: [sequence],
    loss: 'meanSquaredError',
    build: (tf) =>
      sequential(
        tf,
        tf.layers.lstm({ units: 5, returnSequences: true, inputShape: [6, 4] }),
        tf.layers.lstm({ units: 5, returnSequences: true, name: 'lstm_middle' }),
        tf.layers.lstm({ units: 5 }),
        tf.layers.dense({ units: 2 }),
      ),
  },
  {
    name: 'cells',
    inputs: [sequence],
    loss: 'meanSquaredError',
    build: (tf) => {
      const cell = [tf.layers.lstmCell({ units: 5 }), tf.layers.gruCell({ units: 4 })];
      return sequential(
        tf,
        tf.layers.rnn({ cell, returnSequences: true, inputShape: [6, 4] }),
        tf.layers.rnn({ cell: tf.layers.simpleRNNCell({ units: 3 }) }),
        tf.layers.dense({ units: 2 }),
      );
    },
  },
  {
    name: 'tokens',
    inputs: [tokens],
    loss: 'categoricalCrossentropy',
    optimizer: 'rmsprop',
    build: (tf) =>
      sequential(
        tf,
        tf.layers.embedding({ inputDim: 9, outputDim: 3, maskZero: true, inputLength: 7 }),
        tf.layers.bidirectional({
          layer: tf.layers.gru({ units: 4, returnSequences: true }),
          mergeMode: 'concat',
        }),
        tf.layers.timeDistributed({ layer: tf.layers.dense({ units: 4, activation: 'softmax' }) }),
      ),
  },
  {
    name: 'branches',
    inputs: [sequence, { shape: [3, 5, 2] }],
    loss: 'meanSquaredError',
    build: (tf) => {
      const a = tf.input({ shape: [6, 4] });
      const b = tf.input({ shape: [5, 2] });
      const one = tf.layers.lstm({ units: 5 }).apply(tf.layers.masking({ maskValue: 0 }).apply(a));
      const other = tf.layers.gru({ units: 4 }).apply(b);
      const both = tf.layers.concatenate().apply([one, other]);
      const scaled = tf.layers.batchNormalization().apply(both);
      return tf.model({ inputs: [a, b], outputs: tf.layers.dense({ units: 2 }).apply(scaled) });
    },
  },
  {
    name: 'masked_before',
    inputs: [sequence],
    loss: 'meanSquaredError',
    build: (tf) =>
      sequential(
        tf,
        tf.layers.masking({ maskValue: 0, inputShape: [6, 4] }),
        tf.layers.gru({ units: 5 }),
        tf.layers.repeatVector({ n: 4 }),
        tf.layers.bidirectional({
          layer: tf.layers.lstm({ units: 3, returnSequences: true }),
          mergeMode: 'concat',
        }),
        tf.layers.gru({ units: 4, goBackwards: true, returnSequences: true }),
        tf.layers.globalAveragePooling1d({}),
        tf.layers.dense({ units: 2 }),
      ),
  },
  {
    name: 'masked_average',
    inputs: [sequence],
    loss: 'meanSquaredError',
    build: (tf) =>
      sequential(
        tf,
        tf.layers.masking({ maskValue: 0, inputShape: [6, 4] }),
        tf.layers.lstm({ units: 5, returnSequences: true }),
        tf.layers.globalAveragePooling1d({}),
        tf.layers.dense({ units: 2 }),
      ),
  },
  {
    name: 'masked_branch',
    inputs: [{ shape: [3, 6, 2] }, sequence],
    loss: 'meanSquaredError',
    build: (tf) => {
      const a = tf.input({ shape: [6, 2] });
      const b = tf.input({ shape: [6, 4] });
      const one = tf.layers.gru({ units: 4 }).apply(a);
      const other = tf.layers.lstm({ units: 5 }).apply(tf.layers.masking({ maskValue: 0 }).apply(b));
      const both = tf.layers.concatenate().apply([one, other]);
      return tf.model({ inputs: [a, b], outputs: tf.layers.dense({ units: 2 }).apply(both) });
    },
  },
  {
    name: 'nested',
    inputs: [sequence],
    loss: 'meanSquaredError',
    build: (tf) => {
      const inner = sequential(
        tf,
        tf.layers.lstm({ units: 5, inputShape: [6, 4] }),
        tf.layers.dense({ units: 4, activation: 'tanh' }),
      );
      return sequential(tf, inner, tf.layers.dense({ units: 3 }), tf.layers.layerNormalization());
    },
  },
];
