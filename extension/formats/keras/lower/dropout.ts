import { type Lowering, masked } from './lowering.ts';
import { channelsLast } from './options.ts';
import { unsupported } from './refusals.ts';

export const dropout: Lowering = (layer, [x], builder) => {
  const { rate, p, noise_shape: shape } = layer.config;
  // Where the noise has one value along an axis, the axis shares it.
  const shared = Array.isArray(shape) ? shape.flatMap((n, axis) => (n === 1 ? [axis] : [])) : [];
  const name = builder.add({
    op: 'Dropout',
    inputs: [x.name],
    outputs: [builder.fresh(layer)],
    origin: layer.path,
    rate: dropoutRate(layer, rate ?? p),
    ...(shared.length > 0 && { sharedAxes: shared }),
  });
  builder.takenMasks?.alike(name, x.name);
  return masked(name, x);
};

/** Drops a feature at all steps, or all places of an image, or at none. */
export function spatialDropout(axes: 1 | 2): Lowering {
  const shape = [null, ...Array(axes).fill(1), null];
  return (layer, inputs, builder) => {
    channelsLast(layer);
    return dropout({ ...layer, config: { ...layer.config, noise_shape: shape } }, inputs, builder);
  };
}

/** Layers that let all through but for training; what they do there is left out, and said. */
export const noise: Lowering = (layer, [x], builder) => {
  builder.notes.push({ code: 'noteNotWhileTraining', args: { layer: layer.path, type: layer.className } });
  return x;
};

/** A share from 0 to 1; Keras 1 allowed null for 0. */
export function dropoutRate(layer: Parameters<Lowering>[0], value: unknown): number {
  const rate = Number(value ?? 0);
  if (!(rate >= 0 && rate <= 1)) throw unsupported(layer, `rate=${JSON.stringify(value)}`);
  return rate;
}
