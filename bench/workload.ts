import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sizeOf } from '../extension/model/parameter.ts';
import type { Tensor } from '../extension/model/tensor.ts';
import { randomFloats, seeded, wholeBelow } from '../test/support/random.ts';
import type { Configuration } from './configurations.ts';

/** Weights in Keras' layout (kernel [I,4H], recurrent [H,4H], bias [4H], gates i, f, c, o) and one batch, by name. */
export type Workload = ReadonlyMap<string, Tensor>;

/** Seeded values, the same for every contender: weights within ±1/√H, as PyTorch draws them. */
export function makeWorkload(configuration: Configuration): Workload {
  const { batch, steps, inputs, vocabulary, hidden, layers, classes, sequences } = configuration;
  const next = seeded(20);
  const bound = 1 / Math.sqrt(hidden);
  const tensors = new Map<string, Tensor>();
  const floats = (name: string, shape: number[], scale: number) =>
    tensors.set(name, { shape, data: randomFloats(sizeOf(shape), next).map((value) => value * scale) });
  const whole = (name: string, shape: number[], end: number) =>
    tensors.set(name, {
      shape,
      data: Int32Array.from({ length: sizeOf(shape) }, () => wholeBelow(end, next)),
    });

  if (vocabulary === undefined) floats('x', [batch, steps, inputs], 1);
  else {
    whole('x', [batch, steps], vocabulary);
    floats('embedding', [vocabulary, inputs], 1);
  }
  for (let layer = 0; layer < layers; layer++) {
    floats(`kernel${layer}`, [layer === 0 ? inputs : hidden, 4 * hidden], bound);
    floats(`recurrent${layer}`, [hidden, 4 * hidden], bound);
    floats(`bias${layer}`, [4 * hidden], bound);
  }
  floats('dense', [hidden, classes], bound);
  floats('denseBias', [classes], bound);
  whole('y', sequences ? [batch, steps] : [batch], classes);
  return tensors;
}

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  /** In bytes. */
  readonly offset: number;
}

/** Writes index.json and tensors.bin (little endian, one array behind the other) into a folder. */
export function writeWorkload(folder: string, workload: Workload): void {
  mkdirSync(folder, { recursive: true });
  const entries: Entry[] = [];
  const parts: Buffer[] = [];
  let offset = 0;
  for (const [name, { shape, data }] of workload) {
    const dtype = data instanceof Int32Array ? 'int32' : 'float32';
    entries.push({ name, shape, dtype, offset });
    parts.push(Buffer.from(data.buffer, data.byteOffset, data.byteLength));
    offset += data.byteLength;
  }
  writeFileSync(join(folder, 'index.json'), JSON.stringify(entries));
  writeFileSync(join(folder, 'tensors.bin'), Buffer.concat(parts));
}

export function readWorkload(folder: string): Workload {
  const entries: Entry[] = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
  const file = readFileSync(join(folder, 'tensors.bin'));
  return new Map(
    entries.map(({ name, shape, dtype, offset }) => {
      const Values = dtype === 'int32' ? Int32Array : Float32Array;
      // A copy of its own, so that it is aligned.
      const bytes = Uint8Array.from(file.subarray(offset, offset + 4 * sizeOf(shape)));
      return [name, { shape, data: new Values(bytes.buffer) }];
    }),
  );
}

/** A tensor that must be there. */
export function tensorOf(workload: Workload, name: string): Tensor {
  const tensor = workload.get(name);
  if (!tensor) throw new Error(`The workload has no ${name}`);
  return tensor;
}
