import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { randomFloats, seeded } from './random.ts';

/** A tensor of the manifest with its bytes. */
export interface TfjsWeight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: object;
  readonly group?: string;
  readonly bytes: Buffer;
}

export interface TfjsModel {
  readonly topology: object;
  readonly groups: readonly (readonly TfjsWeight[])[];
  /** What else stands in model.json. */
  readonly about?: object;
  /** Files are cut at so many bytes. */
  readonly shardBytes?: number;
  /** Of each group, in place of `group1-shard1of2.bin`. */
  readonly paths?: readonly (readonly string[])[];
  readonly indent?: number;
  /** Behind the last tensor of each group. */
  readonly trailing?: Buffer;
}

/** Writes a model.json and its files of weights into a new folder, and gives back the path of the former. */
export function writeTfjs(folder: string, model: TfjsModel): string {
  const {
    topology,
    groups,
    about = {},
    shardBytes = 4 * 2 ** 20,
    indent,
    trailing = Buffer.alloc(0),
  } = model;
  mkdirSync(folder, { recursive: true });
  const weightsManifest = groups.map((weights, g) => {
    const bytes = Buffer.concat([...weights.map((weight) => weight.bytes), trailing]);
    const count = Math.ceil(bytes.length / shardBytes);
    const usual = Array.from({ length: count }, (_, i) => `group${g + 1}-shard${i + 1}of${count}.bin`);
    const paths = model.paths?.[g] ?? usual;
    for (const [i, path] of paths.entries()) {
      const whole = join(folder, path);
      mkdirSync(dirname(whole), { recursive: true });
      writeFileSync(
        whole,
        bytes.subarray(i * shardBytes, i === paths.length - 1 ? undefined : (i + 1) * shardBytes),
      );
    }
    return { paths, weights: weights.map(({ bytes: _, ...entry }) => entry) };
  });
  const path = join(folder, 'model.json');
  writeFileSync(path, JSON.stringify({ ...about, modelTopology: topology, weightsManifest }, null, indent));
  return path;
}

/** Float32 weights of seeded values. */
export function floatWeights(seed: number): (name: string, ...shape: number[]) => TfjsWeight {
  const next = seeded(seed);
  return (name, ...shape) => {
    const values = randomFloats(
      shape.reduce((a, b) => a * b, 1),
      next,
    );
    return { name, shape, dtype: 'float32', bytes: Buffer.from(values.buffer) };
  };
}

/** The configuration of a Sequential of these layers, as TensorFlow.js writes it. */
export function sequentialTopology(...layers: object[]): object {
  return {
    class_name: 'Sequential',
    config: { name: 'sequential_1', layers },
    keras_version: 'tfjs-layers 4.22.0',
    backend: 'tensor_flow.js',
  };
}

/** Sequential: LSTM(5) over [4, 3], Dense(2, softmax). */
export function smallTfjs(seed = 1, changes: Partial<TfjsModel> = {}): TfjsModel {
  const weight = floatWeights(seed);
  const lstm = {
    name: 'lstm',
    units: 5,
    activation: 'tanh',
    recurrent_activation: 'hard_sigmoid',
    use_bias: true,
    return_sequences: false,
    batch_input_shape: [null, 4, 3],
  };
  return {
    topology: sequentialTopology(
      { class_name: 'LSTM', config: lstm },
      { class_name: 'Dense', config: { name: 'dense', units: 2, activation: 'softmax', use_bias: true } },
    ),
    groups: [
      [weight('lstm/kernel', 3, 20), weight('lstm/recurrent_kernel', 5, 20), weight('lstm/bias', 20)],
      [weight('dense/kernel', 5, 2), weight('dense/bias', 2)],
    ],
    about: { format: 'layers-model' },
    ...changes,
  };
}

/** The small model with its kernel stored in bytes: v · 0.1 + min. */
export function quantizedTfjs(min = -4, dtype: 'uint8' | 'uint16' = 'uint8'): TfjsModel {
  const small = smallTfjs();
  const [kernel, ...others] = small.groups[0];
  const stored = dtype === 'uint8' ? new Uint8Array(60) : new Uint16Array(60);
  const bytes = Buffer.from(stored.map((_, i) => 4 * i + 1).buffer);
  const quantization = { dtype, scale: 0.1, min, original_dtype: 'float32' };
  return { ...small, groups: [[{ ...kernel, quantization, bytes }, ...others], small.groups[1]] };
}
