import { floats, integers } from './npy.ts';
import { randomFloats, seeded } from './random.ts';
import { small } from './smallModels.ts';
import { npzBytes } from './zip.ts';

/** How many samples each part has; a part of none is left out. */
export interface PartSizes {
  readonly train: number;
  readonly val?: number;
  readonly test?: number;
}

/** An .npz that the small models can learn from: the class says which of the first two features is larger on the whole. */
export function finetuneData({ train, val = 0, test = 0 }: PartSizes, seed = 3): Buffer {
  const next = seeded(seed);
  const arrays: Record<string, Buffer> = {};
  for (const [name, count] of Object.entries({ train, val, test })) {
    if (count === 0) continue;
    const { steps, inputs } = small;
    const x = randomFloats(count * steps * inputs, next);
    const y = Array.from({ length: count }, (_, i) => {
      let difference = 0;
      for (let t = 0; t < steps; t++) {
        const at = (i * steps + t) * inputs;
        difference += x[at] - x[at + 1];
      }
      return difference > 0 ? 1 : 0;
    });
    arrays[`x_${name}`] = floats([count, steps, inputs], x);
    arrays[`y_${name}`] = integers([count], y);
  }
  return npzBytes(arrays);
}
