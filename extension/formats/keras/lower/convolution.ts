import { type GateView, turnedView } from '../../../model/gateView.ts';
import { type Parameter, sizeOf } from '../../../model/parameter.ts';
import type { ConvNode, RowWindow, StepWindow } from '../../../model/windowNodes.ts';
import { reachOf } from '../../../model/windowReach.ts';
import type { Builder, Lowering, PlacedLayer, Value } from './lowering.ts';
import { channelsLast, setting, stepCount, stepCounts } from './options.ts';
import { unsupported } from './refusals.ts';

/** A kernel [K, …] over the steps, or [K, K, …] over images, seen as [K, columns, rows] whatever its axes are called. */
interface Kernel {
  readonly parameter: Parameter;
  readonly columns: number;
  readonly rows: number;
  readonly groups: number;
  readonly axes: Axes;
}

/** Steps, or rows and steps. */
type Axes = 1 | 2;

/** Kernel [K, C / groups, F], or [K, K, C / groups, F]. Keras drops the mask. */
export function conv(axes: Axes): Lowering {
  return (layer, [x], builder) => {
    const parameter = kernelOf(layer, 'kernel', axes, builder);
    const [columns, rows] = parameter.shape.slice(-2);
    const groups = stepCount(layer, 'groups', 1);
    return convolved(layer, x, { parameter, columns, rows, groups, axes }, builder);
  };
}

/** Each channel by itself: kernel [K, C, M], or [K, K, C, M], output channel c · M + m. */
export function depthwiseConv(axes: Axes): Lowering {
  return (layer, [x], builder) =>
    convolved(layer, x, depthwise(kernelOf(layer, 'kernel', axes, builder), axes), builder);
}

/** Each channel by itself, then all of them at each step: kernels [K, C, M] and [1, C · M, F], or such of images. */
export function separableConv(axes: Axes): Lowering {
  return (layer, [x], builder) => {
    const inner = depthwise(kernelOf(layer, 'depthwise_kernel', axes, builder), axes);
    const between = builder.add({ ...convolution(layer, x, inner, builder), ...window(layer, inner) });
    const parameter = kernelOf(layer, 'pointwise_kernel', axes, builder);
    const [columns, rows] = parameter.shape.slice(-2);
    const pointwise = { parameter, columns, rows, groups: 1, axes };
    const bias = builder.optional(layer, 'bias');
    const product = builder.add({
      ...convolution(layer, { name: between }, pointwise, builder),
      ...(bias && { bias }),
    });
    return { name: builder.activate(layer, product, layer.config.activation) };
  };
}

/**
 * Kernel [K, F, C]: every step adds its window to the output, which has `stride` steps for each of the input's. The same as a convolution
 * of steps so far apart, by the kernel turned round.
 */
export const conv1DTranspose: Lowering = (layer, [x], builder) => {
  const { padding = 'valid', output_padding: given } = layer.config;
  const outputPadding = Array.isArray(given) ? given[0] : given;
  if (outputPadding !== null && outputPadding !== undefined)
    throw unsupported(layer, setting('output_padding', given));
  if (padding !== 'valid' && padding !== 'same') throw unsupported(layer, setting('padding', padding));
  const parameter = kernelOf(layer, 'kernel', 1, builder);
  const [size, rows, columns] = parameter.shape;
  const stride = stepCount(layer, 'strides', 1);
  const dilation = stepCount(layer, 'dilation_rate', 1);
  const reach = reachOf(size, dilation);
  // Steps that the windows reach beyond the output's on both sides.
  const cut = padding === 'same' ? Math.max(0, reach - stride) : 0;
  const before = Math.floor(cut / 2);
  const length = padding === 'same' ? stride : stride + Math.max(0, reach - stride);
  const taps = tapsOf({ parameter, columns: rows, rows: columns, groups: 1, axes: 1 }).map(turnedView);
  const bias = builder.optional(layer, 'bias');
  const product = builder.add({
    ...convolution(layer, x, { parameter, columns, rows, groups: 1, axes: 1 }, builder),
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
  const [size] = kernel.parameter.shape;
  const once = { stride: 1, dilation: 1, padding: [0, 0] } as const;
  return {
    op: 'Conv',
    inputs: [x.name],
    outputs: [builder.fresh(layer)],
    origin: layer.path,
    taps: tapsOf(kernel),
    groups: kernel.groups,
    spread: 1,
    ...once,
    ...(kernel.axes === 2 && { rows: { size, ...once } }),
  };
}

/** How the layer's window moves. */
function window(
  layer: PlacedLayer,
  { parameter, axes }: Kernel,
): StepWindow & Pick<ConvNode, 'dilation' | 'rows'> {
  const dilations = stepCounts(layer, 'dilation_rate', axes, 1);
  const strides = stepCounts(layer, 'strides', axes, 1);
  const windows = parameter.shape.slice(0, axes).map((size, axis): RowWindow => {
    const [dilation, stride] = [dilations[axis], strides[axis]];
    const padding = paddingOf(layer, axes === 1 ? reachOf(size, dilation) : undefined);
    return { size, dilation, stride, padding };
  });
  const { size: _, ...steps } = windows[windows.length - 1];
  return axes === 1 ? steps : { ...steps, rows: windows[0] };
}

/**
 * Steps beyond the ends by Keras' word for it; `causal`: no step sees a later one.
 * @param reach of a window over steps; absent: over images, which know none that are later
 */
function paddingOf(layer: PlacedLayer, reach?: number): StepWindow['padding'] {
  const { padding = 'valid' } = layer.config;
  switch (padding) {
    case 'valid':
      return [0, 0];
    case 'same':
      return 'same';
    case 'causal':
      if (reach !== undefined) return [reach - 1, 0];
      break;
    default:
  }
  throw unsupported(layer, setting('padding', padding));
}

/** A kernel of two axes behind those that it moves along, none of them empty; Keras 1.2 has one of length 1 behind that of steps. */
function kernelOf(layer: PlacedLayer, role: string, axes: Axes, builder: Builder): Parameter {
  const parameter = builder.parameter(layer, role);
  const { shape } = parameter;
  const { filter_length: size, nb_filter: filters } = layer.config;
  const old = axes === 1 && shape.length === 4 && shape[0] === size && shape[1] === 1 && shape[3] === filters;
  if ((shape.length !== axes + 2 && !old) || shape.includes(0))
    throw unsupported(layer, setting(role, shape));
  if (old && isOfTheano(parameter)) throw unsupported(layer, setting('backend', 'theano'));
  return parameter;
}

/** Theano turned kernels round before it convolved, and numbered no arrays, as TensorFlow does (`convolution1d_1_W:0`). */
function isOfTheano(parameter: Parameter): boolean {
  return 'dataset' in parameter && !String(parameter.dataset).endsWith(':0');
}

function depthwise(parameter: Parameter, axes: Axes): Kernel {
  const [channels, multiplier] = parameter.shape.slice(-2);
  return { parameter, columns: 1, rows: channels * multiplier, groups: channels, axes };
}

/** One matrix for each step of the kernel, those of a row after the other. */
function tapsOf({ parameter, columns, rows }: Kernel): GateView[] {
  return Array.from({ length: sizeOf(parameter.shape.slice(0, -2)) }, (_, tap) => ({
    parameter,
    rows,
    columns,
    offset: tap * columns * rows,
    rowStride: 1,
    columnStride: rows,
  }));
}
