import type { LegacyFile } from './kerasFile.ts';
import { randomFloats, seeded } from './random.ts';
import { lowerHidden, stackedLegacy } from './stackedModel.ts';

/** The stack of LSTM(4) and LSTM(5) with a further LSTM(4) between them. */
export function deepLegacy(): LegacyFile {
  const file = stackedLegacy();
  const next = seeded(9);
  const weight = (name: string, ...shape: number[]) => ({
    name: `middle/${name}:0`,
    shape,
    values: randomFloats(
      shape.reduce((a, b) => a * b, 1),
      next,
    ),
  });
  const { config } = file.config as { config: { layers: { class_name: string; config: object }[] } };
  const [lower, ...others] = config.layers;
  const { batch_input_shape: _, ...same } = lower.config as Record<string, unknown>;
  const middle = { class_name: 'LSTM', config: { ...same, name: 'middle' } };
  const [first, ...rest] = file.layers;
  const width = 4 * lowerHidden;
  return {
    ...file,
    config: {
      class_name: 'Sequential',
      config: { ...config, layers: [lower, middle, ...others] },
    },
    layers: [
      first,
      {
        name: 'middle',
        weights: [
          weight('kernel', lowerHidden, width),
          weight('recurrent_kernel', lowerHidden, width),
          weight('bias', width),
        ],
      },
      ...rest,
    ],
  };
}
