import type { Activation, ActivationOp, ValueName } from '../../../model/graph.ts';
import { tanhGelu } from '../../tanhGelu.ts';
import type { TensorReference } from '../references.ts';
import { relu } from './activationLayers.ts';
import type { Builder, PlacedLayer } from './lowering.ts';
import { numberOf, setting } from './options.ts';
import { axesOf, expanded, flipped, reduced, reshaped, squeezed, swapped, transposed } from './rearranged.ts';
import { unsupported } from './refusals.ts';

/** The one tensor that an operation of Keras 3 takes. */
export interface Operand {
  readonly name: ValueName;
  readonly shape: NonNullable<TensorReference['shape']>;
}

/** Turns an operation of one tensor into nodes; gives what comes out. */
export type OperationLowering = (layer: PlacedLayer, x: Operand, builder: Builder) => ValueName;

function apply(layer: PlacedLayer, { name }: Operand, activation: Activation, builder: Builder): ValueName {
  return builder.add({ ...builder.base(layer, name), op: 'Activation', activation });
}

/** An elementwise function, by its name among ONNX' operators. */
function plain(op: ActivationOp): OperationLowering {
  return (layer, x, builder) => apply(layer, x, { op }, builder);
}

/** One that Keras has as an activation of layers, too. */
function named(activation: string): OperationLowering {
  return (layer, { name }, builder) => builder.activate(layer, name, activation);
}

/** One with constants of its own. */
function constants(activation: (layer: PlacedLayer) => Activation): OperationLowering {
  return (layer, x, builder) => apply(layer, x, activation(layer), builder);
}

function along(op: 'Softmax' | 'LogSoftmax'): OperationLowering {
  return (layer, { name, shape }, builder) => {
    const [axis, ...more] = axesOf({ ...layer, config: { axis: -1, ...layer.config } }, 'axis', shape.length);
    if (more.length > 0) throw unsupported(layer, setting('axis', layer.config.axis));
    return builder.add({ ...builder.base(layer, name), op, axis });
  };
}

const negative: OperationLowering = (layer, { name }, builder) => {
  return builder.add({ ...builder.base(layer, name), op: 'Scale', factor: -1 });
};

const square: OperationLowering = (layer, { name }, builder) => {
  return builder.add({ ...builder.base(layer, name, name), op: 'Mul' });
};

function outputOf(layer: PlacedLayer, builder: Builder) {
  return { outputs: [builder.fresh(layer)], origin: layer.path };
}

/** By the error function, or as Keras' operation does where nothing else is said, near it by a tanh. */
const gelu: OperationLowering = (layer, x, builder) =>
  layer.config.approximate === false
    ? apply(layer, x, { op: 'Gelu' }, builder)
    : tanhGelu(x.name, (node) => builder.add({ ...node, ...outputOf(layer, builder) }));

/** What Keras' activation with a largest value or a slope is outside of a layer. */
const boundedRelu: OperationLowering = (layer, x, builder) => relu(layer, [x], builder).name;

const squareplus: OperationLowering = (layer, x, builder) => {
  if (numberOf(layer, 'b', 4) !== 4) throw unsupported(layer, setting('b', layer.config.b));
  return builder.activate(layer, x.name, 'squareplus');
};

/** Operations of Keras 3 over one tensor, such as `keras.ops.exp(x)`. What is listed nowhere is named to the user. */
export const tensorOperations: ReadonlyMap<string, OperationLowering> = new Map([
  ['Relu', named('relu')],
  ['ReLU', boundedRelu],
  ['Relu6', named('relu6')],
  ['Sigmoid', named('sigmoid')],
  ['Tanh', named('tanh')],
  ['Silu', named('silu')],
  ['Selu', named('selu')],
  ['Softplus', named('softplus')],
  ['Softsign', named('softsign')],
  ['HardSigmoid', named('hard_sigmoid')],
  ['HardSilu', named('hard_silu')],
  ['HardTanh', named('hard_tanh')],
  ['LogSigmoid', named('log_sigmoid')],
  ['TanhShrink', named('tanh_shrink')],
  ['SparsePlus', named('sparse_plus')],
  ['SparseSigmoid', named('sparse_sigmoid')],
  ['Squareplus', squareplus],
  ['Gelu', gelu],
  ['Elu', constants((layer) => ({ op: 'Elu', alpha: numberOf(layer, 'alpha', 1) }))],
  ['Celu', constants((layer) => ({ op: 'Celu', alpha: numberOf(layer, 'alpha', 1) }))],
  ['LeakyRelu', constants((layer) => ({ op: 'LeakyRelu', alpha: numberOf(layer, 'negative_slope', 0.2) }))],
  ['HardShrink', constants((layer) => ({ op: 'Shrink', alpha: numberOf(layer, 'threshold', 0.5), beta: 0 }))],
  ['SoftShrink', constants(softShrink)],
  ['Clip', constants(clip)],
  ['Softmax', along('Softmax')],
  ['LogSoftmax', along('LogSoftmax')],
  ['Exp', plain('Exp')],
  ['Log', plain('Log')],
  ['Sqrt', plain('Sqrt')],
  ['Reciprocal', plain('Reciprocal')],
  ['Abs', plain('Abs')],
  ['Absolute', plain('Abs')],
  ['Erf', plain('Erf')],
  ['Sin', plain('Sin')],
  ['Cos', plain('Cos')],
  ['Negative', negative],
  ['Square', square],
  ['ExpandDims', expanded],
  ['Squeeze', squeezed],
  ['Reshape', reshaped],
  ['Transpose', transposed],
  ['Swapaxes', swapped],
  ['Flip', flipped],
  ['Mean', reduced('Mean')],
  ['Sum', reduced('Sum')],
  ['Max', reduced('Max')],
  ['Amax', reduced('Max')],
  ['Min', reduced('Min')],
  ['Amin', reduced('Min')],
]);

function softShrink(layer: PlacedLayer): Activation {
  const threshold = numberOf(layer, 'threshold', 0.5);
  return { op: 'Shrink', alpha: threshold, beta: threshold };
}

function clip(layer: PlacedLayer): Activation {
  const [alpha, beta] = [numberOf(layer, 'x_min', Number.NaN), numberOf(layer, 'x_max', Number.NaN)];
  if (alpha > beta) throw unsupported(layer, `${setting('x_min', alpha)}, ${setting('x_max', beta)}`);
  return { op: 'Clip', alpha, beta };
}
