import type { ArchiveFile, StoredWeight } from './kerasFile.ts';
import { randomFloats, seeded } from './random.ts';

/** Steps, features, and hidden units of the layers of the stacks: all as many as the features. */
export const stacked = { steps: 4, width: 3 } as const;

/** A layer of Keras 3 in a functional model; it reads each tensor of `reads`. */
export function keras3Layer(className: string, name: string, config: object, ...reads: string[]): object {
  const { steps, width } = stacked;
  const tensors = reads.map((from) => ({
    class_name: '__keras_tensor__',
    config: { shape: [null, steps, width], dtype: 'float32', keras_history: [from, 0, 0] },
  }));
  const args = tensors.length > 1 ? [tensors] : tensors;
  return {
    module: 'keras.layers',
    class_name: className,
    config: { name, trainable: true, ...config },
    name,
    inbound_nodes: reads.length > 0 ? [{ args, kwargs: {} }] : [],
  };
}

/** An LSTM whose output is as its input. */
export const sequenceLstm = { units: stacked.width, return_sequences: true, activation: 'tanh' };

/** A functional model of Keras 3 over x [4, 3]. */
export function functional(layers: readonly object[], output: string, name = 'functional'): object {
  return {
    module: 'keras',
    class_name: 'Functional',
    config: {
      name,
      layers: [
        keras3Layer('InputLayer', 'x', { batch_shape: [null, stacked.steps, stacked.width] }),
        ...layers,
      ],
      input_layers: [['x', 0, 0]],
      output_layers: [[output, 0, 0]],
    },
    name,
  };
}

const next = seeded(77);

function weights(...shapes: number[][]): Omit<StoredWeight, 'name'>[] {
  return shapes.map((shape) => ({
    shape,
    values: randomFloats(
      shape.reduce((a, b) => a * b, 1),
      next,
    ),
  }));
}

/** The group of an LSTM of this width, and of a dense layer that makes of it two values. */
export const groupOf = {
  lstm: (group: string, name: string): ArchiveFile['groups'][number] => ({
    path: `layers/${group}/cell`,
    name,
    weights: weights(
      [stacked.width, 4 * stacked.width],
      [stacked.width, 4 * stacked.width],
      [4 * stacked.width],
    ),
  }),
  dense: (group: string, name: string): ArchiveFile['groups'][number] => ({
    path: `layers/${group}`,
    name,
    weights: weights([stacked.width, 2], [2]),
  }),
  normalization: (group: string, name: string): ArchiveFile['groups'][number] => ({
    path: `layers/${group}`,
    name,
    weights: weights([stacked.width], [stacked.width]),
  }),
};
