import { innerLayer } from '../config.ts';
import { dropout, noise, spatialDropout } from './dropout.ts';
import { type Lowering, masked, type PlacedLayer, unsupported, type Value } from './lowering.ts';
import { lowerRecurrent } from './recurrent.ts';

const dense: Lowering = (layer, [x], builder) => {
  const bias = builder.optional(layer, 'bias');
  const product = builder.add({
    op: 'MatMul',
    inputs: [x.name],
    outputs: [builder.fresh(layer)],
    origin: layer.path,
    weight: builder.parameter(layer, 'kernel'),
    ...(bias && { bias }),
  });
  return masked(builder.activate(layer, product, layer.config.activation), x);
};

const activation: Lowering = (layer, [x], builder) =>
  masked(builder.activate(layer, x.name, layer.config.activation), x);

const embedding: Lowering = (layer, [x], builder) => {
  const table = builder.parameter(layer, 'embeddings');
  const base = { inputs: [x.name], origin: layer.path };
  const name = builder.add({ ...base, op: 'Gather', outputs: [builder.fresh(layer)], table });
  if (layer.config.mask_zero !== true) return { name };
  const outputs = [builder.fresh(layer)];
  return { name, mask: builder.add({ ...base, op: 'NotEqualMask', outputs, value: 0, overFeatures: false }) };
};

const masking: Lowering = (layer, [x], builder) => {
  const value = Number(layer.config.mask_value ?? 0);
  const base = { origin: layer.path };
  const mask = builder.add({
    ...base,
    op: 'NotEqualMask',
    inputs: [x.name],
    outputs: [builder.fresh(layer)],
    value,
    overFeatures: true,
  });
  const outputs = [builder.fresh(layer)];
  return { name: builder.add({ ...base, op: 'ApplyMask', inputs: [x.name, mask], outputs }), mask };
};

/** The inner layer works on each step; ours all work on the last axis alone. */
const timeDistributed: Lowering = (layer, inputs, builder) => {
  const inner = innerLayer(layer.config);
  if (inner?.className !== 'Dense')
    throw unsupported(
      layer,
      inner ? { code: 'optionInnerLayer', args: { type: inner.className } } : 'layer=null',
    );
  return dense({ ...inner, path: layer.path }, inputs, builder);
};

// Keras drops the mask where the time axis may be lost.
const flatten: Lowering = (layer, [x], builder) => ({
  name: builder.add({ op: 'Flatten', inputs: [x.name], outputs: [builder.fresh(layer)], origin: layer.path }),
});

const reshape: Lowering = (layer, [x], builder) => {
  const { target_shape: shape } = layer.config;
  const fits =
    Array.isArray(shape) &&
    shape.every((n) => Number.isSafeInteger(n) && n >= -1) &&
    shape.filter((n) => n === -1).length < 2;
  if (!fits) throw unsupported(layer, setting('target_shape', shape));
  const outputs = [builder.fresh(layer)];
  return { name: builder.add({ op: 'Reshape', inputs: [x.name], outputs, origin: layer.path, shape }) };
};

const concatenate: Lowering = (layer, inputs, builder) => {
  const axis = wholeAxis(layer, layer.config.axis ?? -1);
  const name = builder.add({
    op: 'Concat',
    inputs: inputs.map((input) => input.name),
    outputs: [builder.fresh(layer)],
    origin: layer.path,
    axis,
  });
  const mask = concatenatedMask(layer, inputs, axis, builder);
  return mask === undefined ? { name } : { name, mask };
};

/**
 * Along the features Keras 1 and 2 count a step that no input masks, Keras 3 one that any input leaves in; along time the
 * masks follow one another.
 */
function concatenatedMask(
  layer: PlacedLayer,
  inputs: readonly Value[],
  axis: number,
  builder: Parameters<Lowering>[2],
): string | undefined {
  const masks = inputs.flatMap(({ mask }) => (mask === undefined ? [] : [mask]));
  if (masks.length === 0) return undefined;
  const outputs = [builder.fresh(layer)];
  if (axis === -1 || axis === 2) {
    const any = builder.version.major === 3;
    if (any && masks.length < inputs.length) return undefined;
    return builder.add({ op: any ? 'Or' : 'And', inputs: masks, outputs, origin: layer.path });
  }
  if (axis === 1 && masks.length === inputs.length) {
    return builder.add({ op: 'Concat', inputs: masks, outputs, origin: layer.path, axis: 1 });
  }
  throw unsupported(layer, { code: 'optionMaskedAlong', args: { axis } });
}

const batchNormalization: Lowering = (layer, [x], builder) => {
  const { config } = layer;
  const axis = Array.isArray(config.axis) ? config.axis : [config.axis ?? -1];
  if (axis.length !== 1) throw unsupported(layer, setting('axis', axis));
  if (config.renorm === true) throw unsupported(layer, 'renorm');
  if (config.mode !== undefined && config.mode !== 0) throw unsupported(layer, setting('mode', config.mode));
  const gamma = builder.optional(layer, 'gamma');
  const beta = builder.optional(layer, 'beta');
  const name = builder.add({
    op: 'BatchNormalization',
    inputs: [x.name],
    outputs: [builder.fresh(layer)],
    origin: layer.path,
    axis: wholeAxis(layer, axis[0]),
    epsilon: Number(config.epsilon ?? 1e-3),
    mean: builder.parameter(layer, 'moving_mean'),
    variance: builder.parameter(layer, 'moving_variance'),
    ...(gamma && { gamma }),
    ...(beta && { beta }),
  });
  return masked(name, x);
};

/** As a configuration writes it, in no language. */
function setting(key: string, value: unknown): string {
  return `${key}=${JSON.stringify(value) ?? 'null'}`;
}

function wholeAxis(layer: PlacedLayer, axis: unknown): number {
  if (!Number.isSafeInteger(axis)) throw unsupported(layer, setting('axis', axis));
  return axis as number;
}

/** How each Keras layer becomes nodes. What is not listed is named to the user. */
export const lowerings: ReadonlyMap<string, Lowering> = new Map([
  ['LSTM', lowerRecurrent],
  ['GRU', lowerRecurrent],
  ['SimpleRNN', lowerRecurrent],
  ['Dense', dense],
  ['Activation', activation],
  ['Dropout', dropout],
  ['SpatialDropout1D', spatialDropout],
  ['GaussianNoise', noise],
  ['GaussianDropout', noise],
  ['AlphaDropout', noise],
  ['ActivityRegularization', noise],
  ['Embedding', embedding],
  ['Masking', masking],
  ['TimeDistributed', timeDistributed],
  ['Flatten', flatten],
  ['Reshape', reshape],
  ['Concatenate', concatenate],
  ['BatchNormalization', batchNormalization],
]);
