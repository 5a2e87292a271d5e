import { glorot, orthonormalRows } from '../../extension/model/initializers.ts';
import { Random } from '../../extension/model/random.ts';
import { writeKerasArchive } from '../../test/support/kerasFile.ts';

export interface UntrainedShape {
  readonly steps: number;
  readonly inputs: number;
  readonly hidden: number;
  readonly classes: number;
}

/**
 * Writes LSTM → Dense(softmax) with seeded initial weights as a .keras file, as Keras' defaults draw them: Glorot uniform
 * kernels, an orthogonal recurrent kernel, biases 0 but 1 for the forget gate.
 */
export async function writeUntrained(path: string, shape: UntrainedShape, seed: number): Promise<void> {
  const { steps, inputs, hidden, classes } = shape;
  const random = new Random(seed);
  const bias = new Float32Array(4 * hidden).fill(1, hidden, 2 * hidden);
  await writeKerasArchive(path, {
    config: {
      module: 'keras',
      class_name: 'Sequential',
      config: {
        name: 'sequential',
        layers: [
          {
            module: 'keras.layers',
            class_name: 'InputLayer',
            config: { name: 'input', batch_shape: [null, steps, inputs], dtype: 'float32' },
          },
          {
            module: 'keras.layers',
            class_name: 'LSTM',
            config: {
              name: 'lstm',
              trainable: true,
              units: hidden,
              activation: 'tanh',
              recurrent_activation: 'sigmoid',
              use_bias: true,
              return_sequences: false,
            },
          },
          {
            module: 'keras.layers',
            class_name: 'Dense',
            config: { name: 'dense', trainable: true, units: classes, activation: 'softmax', use_bias: true },
          },
        ],
      },
      compile_config: { loss: 'sparse_categorical_crossentropy' },
    },
    groups: [
      {
        path: 'layers/lstm/cell',
        name: 'lstm',
        weights: [
          { shape: [inputs, 4 * hidden], values: glorot(inputs, 4 * hidden, random) },
          { shape: [hidden, 4 * hidden], values: orthonormalRows(hidden, 4 * hidden, random) },
          { shape: [4 * hidden], values: bias },
        ],
      },
      {
        path: 'layers/dense',
        name: 'dense',
        weights: [
          { shape: [hidden, classes], values: glorot(hidden, classes, random) },
          { shape: [classes], values: new Float32Array(classes) },
        ],
      },
    ],
  });
}
