import { type Builder, type Lowering, masked, type PlacedLayer } from './lowering.ts';
import { numberOf, onlyAxis, setting, stepCount } from './options.ts';
import { unsupported } from './refusals.ts';

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

/** Groups of −1 are as many as there are channels (instance normalisation). */
export const groupNormalization: Lowering = (layer, [x], builder) => {
  const { config } = layer;
  const affine = scaleAndShift(layer, builder);
  const channels = (affine.gamma ?? affine.beta)?.shape[0];
  const groups = config.groups === -1 ? channels : stepCount(layer, 'groups', 32);
  if (groups === undefined) throw unsupported(layer, setting('groups', config.groups));
  const name = builder.add({
    op: 'GroupNormalization',
    inputs: [x.name],
    outputs: [builder.fresh(layer)],
    origin: layer.path,
    groups,
    axis: onlyAxis(layer),
    epsilon: Number(config.epsilon ?? 1e-3),
    ...affine,
  });
  return masked(name, x);
};

export const unitNormalization: Lowering = (layer, [x], builder) => {
  // Keras 3 bounds the length, Keras 2 its square.
  const epsilon = builder.version.major === 3 ? 1e-24 : 1e-12;
  const base = builder.base(layer, x.name);
  return masked(builder.add({ ...base, op: 'LpNormalization', axis: onlyAxis(layer), epsilon }), x);
};

/** x · scale + offset. */
export const rescaling: Lowering = (layer, [x], builder) => {
  const activation = {
    op: 'Affine',
    alpha: numberOf(layer, 'scale', 1),
    beta: numberOf(layer, 'offset', 0),
  } as const;
  const base = builder.base(layer, x.name);
  return masked(builder.add({ ...base, op: 'Activation', activation }), x);
};

function scaleAndShift(layer: PlacedLayer, builder: Builder) {
  const gamma = builder.optional(layer, 'gamma');
  const beta = builder.optional(layer, 'beta');
  return { ...(gamma && { gamma }), ...(beta && { beta }) };
}
