import type { LegacyFile } from './kerasFile.ts';
import { randomFloats, seeded } from './random.ts';
import { small, smallLegacy } from './smallModels.ts';

/** Hidden units of the layer before that of the small model. */
export const lowerHidden = 4;

/** Sequential: LSTM(4) with all its steps, then the layers of the small model, over [4, 3]. */
export function stackedLegacy(seed = 1): LegacyFile {
  const upper = smallLegacy(seed);
  const next = seeded(seed + 100);
  const weight = (name: string, shape: number[]) => ({
    name,
    shape,
    values: randomFloats(
      shape.reduce((a, b) => a * b, 1),
      next,
    ),
  });
  const { inputs, hidden, steps } = small;
  const [first, ...others] = (upper.config as { config: { layers: { config: object }[] } }).config.layers;
  const lower = {
    class_name: 'LSTM',
    config: {
      ...first.config,
      name: 'lower',
      units: lowerHidden,
      batch_input_shape: [null, steps, inputs],
      return_sequences: true,
    },
  };
  const { batch_input_shape: none, ...config } = first.config as Record<string, unknown>;
  const layers = [lower, { class_name: 'LSTM', config }, ...others];
  const [lstm, ...rest] = upper.layers;
  return {
    ...upper,
    config: { class_name: 'Sequential', config: { name: 'sequential', layers } },
    layers: [
      {
        name: 'lower',
        weights: [
          weight('lower/kernel:0', [inputs, 4 * lowerHidden]),
          weight('lower/recurrent_kernel:0', [lowerHidden, 4 * lowerHidden]),
          weight('lower/bias:0', [4 * lowerHidden]),
        ],
      },
      {
        ...lstm,
        weights: [weight('lstm/kernel:0', [lowerHidden, 4 * hidden]), ...lstm.weights.slice(1)],
      },
      ...rest,
    ],
  };
}
