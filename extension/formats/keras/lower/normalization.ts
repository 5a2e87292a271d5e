import { type Builder, type Lowering, masked, type PlacedLayer, unsupported } from './lowering.ts';
import { onlyAxis, setting } from './options.ts';

export const batchNormalization: Lowering = (layer, [x], builder) => {
  const { config } = layer;
  const axis = onlyAxis(layer);
  if (config.renorm === true) throw unsupported(layer, 'renorm');
  if (config.mode !== undefined && config.mode !== 0) throw unsupported(layer, setting('mode', config.mode));
  const name = builder.add({
    op: 'BatchNormalization',
    inputs: [x.name],
    outputs: [builder.fresh(layer)],
    origin: layer.path,
    axis,
    epsilon: Number(config.epsilon ?? 1e-3),
    mean: builder.parameter(layer, 'moving_mean'),
    variance: builder.parameter(layer, 'moving_variance'),
    ...scaleAndShift(layer, builder),
  });
  return masked(name, x);
};

export const layerNormalization: Lowering = (layer, [x], builder) => {
  const { config } = layer;
  if (config.rms_scaling === true) throw unsupported(layer, 'rms_scaling');
  const name = builder.add({
    op: 'LayerNormalization',
    inputs: [x.name],
    outputs: [builder.fresh(layer)],
    origin: layer.path,
    axis: onlyAxis(layer),
    epsilon: Number(config.epsilon ?? 1e-3),
    ...scaleAndShift(layer, builder),
  });
  return masked(name, x);
};

function scaleAndShift(layer: PlacedLayer, builder: Builder) {
  const gamma = builder.optional(layer, 'gamma');
  const beta = builder.optional(layer, 'beta');
  return { ...(gamma && { gamma }), ...(beta && { beta }) };
}
