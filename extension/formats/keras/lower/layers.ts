import { innerLayer } from '../config.ts';
import { elu, leakyRelu, prelu, relu, softmax, softmaxOfStep, thresholdedRelu } from './activationLayers.ts';
import { normalization } from './adapted.ts';
import { attention } from './attention.ts';
import { bidirectional } from './bidirectional.ts';
import { conv, conv1DTranspose, depthwiseConv, separableConv } from './convolution.ts';
import { cudnn } from './cudnn.ts';
import { dot } from './dot.ts';
import { dropout, noise, spatialDropout } from './dropout.ts';
import { asKeras2 } from './keras1.ts';
import { type Lowering, masked, type SeveralLowering } from './lowering.ts';
import { concatenate, merge } from './merge.ts';
import { multiHeadAttention } from './multiHeadAttention.ts';
import {
  batchNormalization,
  groupNormalization,
  layerNormalization,
  rescaling,
  unitNormalization,
} from './normalization.ts';
import { channelsLast, setting } from './options.ts';
import { lowerRecurrent } from './recurrent.ts';
import { unsupported } from './refusals.ts';
import {
  cropping,
  cropping2D,
  flattenStep,
  globalPooling,
  permute,
  poolImage,
  pooling,
  poolStep,
  repeatVector,
  upSampling,
  zeroPadding,
  zeroPadding2D,
} from './steps.ts';

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

const identity: Lowering = (_layer, [x]) => x;

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

/** Layers that do the same to every step, by itself, whether they are wrapped or not, but for how they count an axis. */
const stepwise: ReadonlySet<string> = new Set([
  'Dense',
  'Activation',
  'ReLU',
  'LeakyReLU',
  'ELU',
  'ThresholdedReLU',
  'Dropout',
  'GaussianNoise',
  'GaussianDropout',
  'AlphaDropout',
  'ActivityRegularization',
  'BatchNormalization',
  'LayerNormalization',
  'Rescaling',
  'Identity',
  'Conv1D',
  'Conv2D',
  'DepthwiseConv1D',
  'DepthwiseConv2D',
  'SeparableConv1D',
  'SeparableConv2D',
  'MaxPooling1D',
  'MaxPooling2D',
  'AveragePooling1D',
  'AveragePooling2D',
]);

/** Layers that have others of their kind in their place where they work on each step. */
const ofEachStep: ReadonlyMap<string, Lowering> = new Map([
  ['Flatten', flattenStep],
  ['GlobalAveragePooling1D', poolStep('Mean')],
  ['GlobalMaxPooling1D', poolStep('Max')],
  ['GlobalAveragePooling2D', poolImage('Mean', 2)],
  ['GlobalMaxPooling2D', poolImage('Max', 2)],
  ['Softmax', softmaxOfStep],
]);

/** The inner layer works on each step, which has an axis less; masks go on. */
const timeDistributed: Lowering = (layer, [x], builder) => {
  const written = innerLayer(layer.config);
  if (!written) throw unsupported(layer, 'layer=null');
  const placed = { ...written, path: layer.path };
  const inner = builder.version.major === 1 ? asKeras2(placed, 1) : placed;
  const { className, config } = inner;
  const lowering =
    ofEachStep.get(className) ?? (stepwise.has(className) ? lowerings.get(className) : undefined);
  const { axis = -1, noise_shape: noise = null } = config;
  if (!lowering || noise !== null)
    throw unsupported(layer, { code: 'optionInnerLayer', args: { type: className } });
  const axes = [axis].flat().map((one) => (Number(one) > 0 ? Number(one) + 1 : one));
  return masked(lowering({ ...inner, config: { ...config, axis: axes } }, [x], builder).name, x);
};

// Keras drops the mask where the time axis may be lost.
const flatten: Lowering = (layer, [x], builder) => {
  channelsLast(layer);
  return { name: builder.add({ ...builder.base(layer, x.name), op: 'Flatten' }) };
};

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

/** A product of the last two axes, of tensors with a batch before these. */
const matmul: Lowering = (layer, inputs, builder) => {
  const ranks = layer.call?.inputs.map(({ shape }) => shape?.length ?? 0) ?? [];
  if (inputs.length !== 2 || ranks.some((rank) => rank < 3)) throw unsupported(layer, setting('args', ranks));
  const base = builder.base(layer, ...inputs.map(({ name }) => name));
  return { name: builder.add({ ...base, op: 'Product' }) };
};

/** Layers that may put out their states, too. */
export const severalLowerings: ReadonlyMap<string, SeveralLowering> = new Map([
  ['LSTM', lowerRecurrent],
  ['GRU', lowerRecurrent],
  ['SimpleRNN', lowerRecurrent],
  ['RNN', lowerRecurrent],
  ['CuDNNLSTM', cudnn],
  ['CuDNNGRU', cudnn],
  ['Bidirectional', bidirectional],
]);

/** How each other Keras layer becomes nodes. What is listed nowhere is named to the user. */
export const lowerings: ReadonlyMap<string, Lowering> = new Map([
  ['Dense', dense],
  ['Activation', activation],
  ['Dropout', dropout],
  ['SpatialDropout1D', spatialDropout(1)],
  ['SpatialDropout2D', spatialDropout(2)],
  ['GaussianNoise', noise],
  ['GaussianDropout', noise],
  ['AlphaDropout', noise],
  ['Embedding', embedding],
  ['Masking', masking],
  ['TimeDistributed', timeDistributed],
  ['Flatten', flatten],
  ['Reshape', reshape],
  ['Permute', permute],
  ['RepeatVector', repeatVector],
  ['GlobalAveragePooling1D', globalPooling('ReduceMean')],
  ['GlobalMaxPooling1D', globalPooling('ReduceMax')],
  ['GlobalAveragePooling2D', poolImage('Mean', 1)],
  ['GlobalMaxPooling2D', poolImage('Max', 1)],
  ['Concatenate', concatenate],
  ['Dot', dot],
  ['Add', merge('Add')],
  ['Subtract', merge('Sub')],
  ['Multiply', merge('Mul')],
  ['Average', merge('Mean')],
  ['Maximum', merge('Max')],
  ['Minimum', merge('Min')],
  ['Attention', attention],
  ['AdditiveAttention', attention],
  ['MultiHeadAttention', multiHeadAttention],
  ['BatchNormalization', batchNormalization],
  ['LayerNormalization', layerNormalization],
  ['GroupNormalization', groupNormalization],
  ['UnitNormalization', unitNormalization],
  ['Normalization', normalization],
  ['Rescaling', rescaling],
  ['Conv1D', conv(1)],
  ['Conv2D', conv(2)],
  ['DepthwiseConv1D', depthwiseConv(1)],
  ['DepthwiseConv2D', depthwiseConv(2)],
  ['SeparableConv1D', separableConv(1)],
  ['SeparableConv2D', separableConv(2)],
  ['Conv1DTranspose', conv1DTranspose],
  ['MaxPooling1D', pooling('MaxPool', 1)],
  ['MaxPooling2D', pooling('MaxPool', 2)],
  ['AveragePooling1D', pooling('AveragePool', 1)],
  ['AveragePooling2D', pooling('AveragePool', 2)],
  ['ZeroPadding1D', zeroPadding],
  ['ZeroPadding2D', zeroPadding2D],
  ['Cropping1D', cropping],
  ['Cropping2D', cropping2D],
  ['UpSampling1D', upSampling],
  ['ReLU', relu],
  ['LeakyReLU', leakyRelu],
  ['ELU', elu],
  ['PReLU', prelu],
  ['ThresholdedReLU', thresholdedRelu],
  ['Softmax', softmax],
  ['Identity', identity],
  ['ActivityRegularization', identity],
]);

/** Layers whose calls may say that no query sees what comes after it. */
export const causalLayers: ReadonlySet<string> = new Set([
  'Attention',
  'AdditiveAttention',
  'MultiHeadAttention',
]);

/** Operations of Keras 3 over several tensors of one rank, such as `x + y`; they drop masks. */
export const mergingOperations: ReadonlyMap<string, Lowering> = new Map([
  ['Add', merge('Add')],
  ['Subtract', merge('Sub')],
  ['Multiply', merge('Mul')],
  ['Divide', merge('Div')],
  ['TrueDivide', merge('Div')],
  ['Power', merge('Pow')],
  ['Maximum', merge('Max')],
  ['Minimum', merge('Min')],
  ['Concatenate', concatenate],
  ['Matmul', matmul],
]);
