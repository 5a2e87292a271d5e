import { type GateView, turnedView } from '../../../model/gateView.ts';
import type { Parameter } from '../../../model/parameter.ts';
import type { ConvNode, StepWindow } from '../../../model/windowNodes.ts';
import { reachOf } from '../../../model/windowReach.ts';
import type { Builder, Lowering, PlacedLayer, Value } from './lowering.ts';
import { channelsLast, setting, stepCount } from './options.ts';
import { unsupported } from './refusals.ts';

/** A kernel [K, …] over the steps, seen as [K, columns, rows] whatever its axes are called. */
interface Kernel {
  readonly parameter: Parameter;
  readonly columns: number;
  readonly rows: number;
  readonly groups: number;
}

/** Kernel [K, C / groups, F]. Keras drops the mask. */
export const conv1D: Lowering = (layer, [x], builder) => {
  const parameter = kernelOf(layer, 'kernel', builder);
  const [columns, rows] = parameter.shape.slice(-2);
  const groups = stepCount(layer, 'groups', 1);
  return convolved(layer, x, { parameter, columns, rows, groups }, builder);
};

/** Each channel by itself: kernel [K, C, M], output channel c · M + m. */
export const depthwiseConv1D: Lowering = (layer, [x], builder) => {
  return convolved(layer, x, depthwise(kernelOf(layer, 'kernel', builder)), builder);
};

/** Each channel by itself, then all of them at each step: kernels [K, C, M] and [1, C · M, F]. */
export const separableConv1D: Lowering = (layer, [x], builder) => {
  const inner = depthwise(kernelOf(layer, 'depthwise_kernel', builder));
  const between = builder.add({ ...convolution(layer, x, inner, builder), ...window(layer, inner) });
  const parameter = kernelOf(layer, 'pointwise_kernel', builder);
  const [, columns, rows] = parameter.shape;
  const pointwise = { parameter, columns, rows, groups: 1 };
  const bias = builder.optional(layer, 'bias');
  const product = builder.add({
    ...convolution(layer, { name: between }, pointwise, builder),
    ...(bias && { bias }),
  });
  return { name: builder.activate(layer, product, layer.config.activation) };
};

/**
 * Kernel [K, F, C]: every step adds its window to the output, which has `stride` steps for each of the input's. The same as a convolution
 * of steps so far apart, by the kernel turnedView round.
 */
export const conv1DTranspose: Lowering = (layer, [x], builder) => {
  const { padding = 'valid', output_padding: given } = layer.config;
  const outputPadding = Array.isArray(given) ? given[0] : given;
  if (outputPadding !== null && outputPadding !== undefined)
    throw unsupported(layer, setting('output_padding', given));
  if (padding !== 'valid' && padding !== 'same') throw unsupported(layer, setting('padding', padding));
  const parameter = kernelOf(layer, 'kernel', builder);
  const [size, rows, columns] = parameter.shape;
  const stride = stepCount(layer, 'strides', 1);
  const dilation = stepCount(layer, 'dilation_rate', 1);
  const reach = reachOf(size, dilation);
  // Steps that the windows reach beyond the output's on both sides.
  const cut = padding === 'same' ? Math.max(0, reach - stride) : 0;
  const before = Math.floor(cut / 2);
  const length = padding === 'same' ? stride : stride + Math.max(0, reach - stride);
  const taps = tapsOf({ parameter, columns: rows, rows: columns, groups: 1 }).map(turnedView);
  const bias = builder.optional(layer, 'bias');
  const product = builder.add({
    ...convolution(layer, x, { parameter, columns, rows, groups: 1 }, builder),
    taps: taps.toReversed(),
    dilation,
    spread: stride,
    padding: [reach - 1 - before, length - 1 + before],
    ...(bias && { bias }),
  });
  return { name: builder.activate(layer, product, layer.config.activation) };
};

function convolved(layer: PlacedLayer, x: Value, kernel: Kernel, builder: Builder): Value {
  const bias = builder.optional(layer, 'bias');
  const product = builder.add({
    ...convolution(layer, x, kernel, builder),
    ...window(layer, kernel),
    ...(bias && { bias }),
  });
  return { name: builder.activate(layer, product, layer.config.activation) };
}

/** One of the steps by themselves, without a bias. */
function convolution(layer: PlacedLayer, x: Value, kernel: Kernel, builder: Builder): ConvNode {
  channelsLast(layer);
  return {
    op: 'Conv',
    inputs: [x.name],
    outputs: [builder.fresh(layer)],
    origin: layer.path,
    taps: tapsOf(kernel),
    groups: kernel.groups,
    stride: 1,
    dilation: 1,
    spread: 1,
    padding: [0, 0],
  };
}

/** How the layer's window moves. */
function window(layer: PlacedLayer, { parameter }: Kernel): StepWindow & Pick<ConvNode, 'dilation'> {
  const dilation = stepCount(layer, 'dilation_rate', 1);
  const stride = stepCount(layer, 'strides', 1);
  const reach = reachOf(parameter.shape[0], dilation);
  return { dilation, stride, padding: paddingOf(layer, reach) };
}

/** Steps beyond the ends by Keras' word for it; `causal`: no step sees a later one. */
function paddingOf(layer: PlacedLayer, reach: number): StepWindow['padding'] {
  const { padding = 'valid' } = layer.config;
  switch (padding) {
    case 'valid':
      return [0, 0];
    case 'same':
      return 'same';
    case 'causal':
      return [reach - 1, 0];
    default:
      throw unsupported(layer, setting('padding', padding));
  }
}

/** A kernel of three axes, none of them empty; Keras 1.2 has one of length 1 behind the first. */
function kernelOf(layer: PlacedLayer, role: string, builder: Builder): Parameter {
  const parameter = builder.parameter(layer, role);
  const { shape } = parameter;
  const { filter_length: size, nb_filter: filters } = layer.config;
  const old = shape.length === 4 && shape[0] === size && shape[1] === 1 && shape[3] === filters;
  if ((shape.length !== 3 && !old) || shape.includes(0)) throw unsupported(layer, setting(role, shape));
  if (old && isOfTheano(parameter)) throw unsupported(layer, setting('backend', 'theano'));
  return parameter;
}

/** Theano turned kernels round before it convolved, and numbered no arrays, as TensorFlow does (`convolution1d_1_W:0`). */
function isOfTheano(parameter: Parameter): boolean {
  return 'dataset' in parameter && !String(parameter.dataset).endsWith(':0');
}

function depthwise(parameter: Parameter): Kernel {
  const [, channels, multiplier] = parameter.shape;
  return { parameter, columns: 1, rows: channels * multiplier, groups: channels };
}

/** One matrix for each step of the kernel. */
function tapsOf({ parameter, columns, rows }: Kernel): GateView[] {
  return Array.from({ length: parameter.shape[0] }, (_, tap) => ({
    parameter,
    rows,
    columns,
    offset: tap * columns * rows,
    rowStride: 1,
    columnStride: rows,
  }));
}
