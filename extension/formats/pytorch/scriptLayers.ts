import type { DescribedWord } from '../../protocol/modelDescription.ts';
import { belowOne } from '../../protocol/valueChecks.ts';
import { entryOf } from '../entryOf.ts';
import { placeOf } from './scriptAxes.ts';
import {
  behind,
  isFeatures,
  isSteps,
  type Layer,
  layerIn,
  operatorIn,
  type ScriptModel,
  summedUp,
} from './scriptModel.ts';
import { isRecurrent } from './scriptOperands.ts';
import { recurrentLayer } from './scriptRecurrent.ts';
import {
  featuresOf,
  isFalse,
  isTrue,
  itemsOf,
  numberIn,
  numbersIn,
  type ScriptValue,
  type TensorValue,
  unknown,
} from './scriptValues.ts';
import { windowLayers } from './scriptWindows.ts';

const words: Readonly<Partial<Record<string, DescribedWord>>> = {
  relu: 'relu',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  gelu: 'gelu',
  elu: 'elu',
  selu: 'selu',
  silu: 'silu',
  softplus: 'softplus',
};
/** The layer that an operator computes; undefined of what is none. */
export function layerFor(operator: string): Layer | undefined {
  if (entryOf(words, operator)) return activation;
  if (isRecurrent(operator)) return recurrentLayer(operator);
  return entryOf(others, operator) ?? entryOf(windowLayers, operator);
}

/** Options of activations with the only values that are computed, which are PyTorch's own. */
const usual: Readonly<Partial<Record<string, readonly number[]>>> = { elu: [1, 1, 1], softplus: [1, 20] };

const activation: Layer = (x, [, ...options], name) => {
  const operator = operatorIn(name);
  const isUsual = options.every((option, i) => numberIn(option) === entryOf(usual, operator)?.[i]);
  return x.layers.length > 0 && isUsual ? behind(x, [words[operator] as DescribedWord]) : unknown(name);
};

const softmax =
  (word: DescribedWord): Layer =>
  (x, [, axis], name) => {
    const at = placeOf(axis, x.axes.length);
    return at !== undefined && isFeatures(x.axes[at]) && x.layers.length > 0
      ? behind(x, [word])
      : unknown(name);
  };

const others: Readonly<Partial<Record<string, Layer>>> = {
  softmax: softmax('softmax'),
  log_softmax: softmax('logSoftmax'),
  leaky_relu: (x, [, slope], name) => {
    const leakyRelu = slope ? numberIn(slope) : 0.01;
    return leakyRelu !== undefined && leakyRelu >= 0 && x.layers.length > 0
      ? behind(x, [{ leakyRelu }])
      : unknown(name);
  },
  dropout: (x, [, share, isOn], name) => {
    const rate = numberIn(share) ?? 0;
    if (!isFalse(isOn)) return unknown(name);
    return rate > 0 && belowOne.allows(rate) && x.layers.length > 0 && !x.states
      ? behind(x, [{ dropout: rate }])
      : x;
  },
  linear: (x, args, name, model) => {
    const layer = layerIn(name, args, model);
    if (!layer || !isFeatures(x.axes.at(-1)) || x.axes.length < 2) return unknown(x.moved ?? name);
    const axis = featuresOf(layer.shapeOf('weight')[0]);
    return behind(x, [{ kind: 'linear', name: layer.path }], x.axes.with(-1, axis));
  },
  layer_norm: (x, args, name, model) => {
    const [, shape, , , epsilon] = args;
    return normalised(x, args, epsilon, name, model, numbersIn(shape)?.length === 1 && -1);
  },
  batch_norm: (x, args, name, model) => {
    const [, , , , , isTraining, , epsilon] = args;
    return normalised(x, args, epsilon, name, model, isFalse(isTraining) && 1);
  },
  mean: (x, args, name, model) => pooled(x, args, 'mean', name, model),
  amax: (x, args, name, model) => pooled(x, args, 'max', name, model),
  // (values, indices); without an axis of all values there are.
  max: (x, args, name, model) => itemsOf(pooled(x, args, 'max', name, model), unknown(name)),
};

function normalised(
  x: TensorValue,
  args: readonly ScriptValue[],
  small: ScriptValue | undefined,
  name: string,
  model: ScriptModel,
  place: number | false,
): ScriptValue {
  const layer = layerIn(name, args, model);
  // What is not written is PyTorch's own, as it is where a description does not say it.
  const epsilon = numberIn(small);
  if (!layer || (small && epsilon === undefined) || place === false || !isFeatures(x.axes.at(place)))
    return unknown(x.moved ?? name);
  return behind(x, [
    {
      kind: layer.className === 'LayerNorm' ? 'layerNorm' : 'batchNorm',
      name: layer.path,
      ...(small && epsilon !== undefined && { epsilon }),
    },
  ]);
}

function pooled(
  x: TensorValue,
  [, place, keepsAxis]: readonly ScriptValue[],
  word: 'mean' | 'max',
  name: string,
  model: ScriptModel,
): ScriptValue {
  const [axis, ...more] = place?.is === 'items' ? place.items : [place];
  const at = placeOf(axis, x.axes.length);
  if (at === undefined || more.length > 0 || !isSteps(x.axes[at], model)) return unknown(name);
  return summedUp(x, at, word, isTrue(keepsAxis));
}
