import { type DescribedWord, moduleOptions, type PoolLayer } from '../../protocol/modelDescription.ts';
import { isLengthOf } from './scriptAxes.ts';
import {
  behind,
  isFeatures,
  isSteps,
  type Layer,
  layerIn,
  type ScriptModel,
  stepsBehind,
  summedUp,
  takesSteps,
} from './scriptModel.ts';
import {
  type Axis,
  featuresOf,
  isFalse,
  itemsOf,
  numbersIn,
  type ScriptValue,
  type TensorValue,
  unknown,
} from './scriptValues.ts';

/** (x, weight, bias, stride, padding, dilation, groups) */
const convolution: Layer = (x, args, name, model) => {
  const [, , , stride, padding, dilation, groups] = args;
  const layer = layerIn(name, args, model);
  const [filters, , size] = layer?.shapeOf('weight') ?? [];
  if (!layer || size === undefined || !goesOver(x, model)) return unknown(x.moved ?? layer?.path ?? name);
  const { path } = layer;
  const options = {
    stride: onlyOf(stride) ?? 1,
    padding: padding?.is === 'text' && padding.text !== 'valid' ? padding.text : (onlyOf(padding) ?? 0),
    dilation: onlyOf(dilation) ?? 1,
    groups: onlyOf(groups) ?? 1,
  };
  const isKnown = [stride, padding, dilation, groups].every(
    (value) => !value || value.is === 'text' || onlyOf(value) !== undefined,
  );
  const checks = moduleOptions.conv1d;
  if (!isKnown || Object.entries(options).some(([key, value]) => !checks[key].allows(value)))
    return unknown(path);
  const said = Object.entries(options).filter(([key, value]) => value !== (key === 'padding' ? 0 : 1));
  const keepsSteps =
    options.stride === 1 &&
    (options.padding === 'same' || Number(options.padding) * 2 === (size - 1) * options.dilation);
  return windowed(
    behind(x, [{ kind: 'conv1d', name: path, ...Object.fromEntries(said) }]),
    keepsSteps ? undefined : path,
    featuresOf(filters),
    model,
  );
};

/** (x, weight, bias, stride, padding, dilation, is transposed, output padding, groups), as tracing writes it. */
const traced: Layer = (x, args, name, model) => {
  const [isTransposed, , groups] = args.slice(6);
  return isFalse(isTransposed) ? convolution(x, [...args.slice(0, 6), groups], name, model) : unknown(name);
};

/** What goes over the steps in windows, of values with the features before the steps. */
export const windowLayers: Readonly<Partial<Record<string, Layer>>> = {
  conv1d: convolution,
  _convolution: traced,
  _convolution_mode: convolution,
  // (x, size, stride, padding, dilation, rounds up)
  max_pool1d: (x, [, size, stride, padding, dilation, isUp], name, model) =>
    isOff(isUp) && (onlyOf(dilation) ?? 1) === 1
      ? pooled(x, 'max', [size, stride, padding], name, model)
      : unknown(name),
  // (x, size, stride, padding, rounds up, counts padding)
  avg_pool1d: (x, [, size, stride, padding, isUp, isCounted], name, model) =>
    isOff(isUp) && (!isFalse(isCounted) || (onlyOf(padding) ?? 0) === 0)
      ? pooled(x, 'mean', [size, stride, padding], name, model)
      : unknown(name),
  adaptive_avg_pool1d: (x, [, size], name, model) => toOne(x, size, 'mean', name, model),
  adaptive_max_pool1d: (x, [, size], name, model) =>
    itemsOf(toOne(x, size, 'max', name, model), unknown(name)),
};

function pooled(
  x: TensorValue,
  word: 'max' | 'mean',
  [whole, further, beside]: readonly (ScriptValue | undefined)[],
  name: string,
  model: ScriptModel,
): ScriptValue {
  if (x.layers.length === 0 || !goesOver(x, model)) return unknown(x.moved ?? name);
  const [size, stride, padding] = [onlyOf(whole), onlyOf(further), onlyOf(beside) ?? 0];
  const only = whole?.is === 'items' && whole.items.length === 1 ? whole.items[0] : whole;
  if (isLengthOf(only, x.axes[2]) && padding === 0) return summedUp(x, 2, word, true);
  // No stride, which may be an empty list, is that of the size.
  const isStated = further?.is === 'number' || (further?.is === 'items' && further.items.length > 0);
  const isKnown = size !== undefined && (!isStated || stride !== undefined);
  if (!isKnown || size < 1 || padding < 0 || padding > size / 2 || (stride ?? 1) < 1) return unknown(name);
  const layer: PoolLayer = {
    ...(word === 'max' ? { maxPool: size } : { averagePool: size }),
    ...(stride !== undefined && stride !== size && { stride }),
    ...(padding > 0 && { padding }),
  };
  const key = JSON.stringify(layer);
  return windowed(behind(x, [layer]), key, x.axes[1], model);
}

/** All steps as one. */
function toOne(
  x: TensorValue,
  size: ScriptValue | undefined,
  word: DescribedWord,
  name: string,
  model: ScriptModel,
): ScriptValue {
  return onlyOf(size) === 1 && x.axes.length === 3 && x.layers.length > 0 && isSteps(x.axes[2], model)
    ? summedUp(x, 2, word, true)
    : unknown(name);
}

/** Whether the steps are last, behind features or the one that a model takes without an axis for it. */
function goesOver(x: TensorValue, model: ScriptModel): boolean {
  const { axes, layers } = x;
  const [, features] = axes;
  return (
    axes.length === 3 &&
    (isFeatures(features) || (features.length === 0 && layers.length === 0)) &&
    takesSteps(x, 2, 0, model)
  );
}

/** @param by whose windows leave another number of steps; undefined where that stays */
function windowed(x: TensorValue, by: string | undefined, features: Axis, model: ScriptModel): TensorValue {
  const [samples, , steps] = x.axes;
  const left: Axis = by === undefined ? steps : [{ name: stepsBehind(steps[0].name, by, model) }];
  return { ...x, axes: [samples, features, left] };
}

/** Of a list with one number that is known. */
function onlyOf(value: ScriptValue | undefined): number | undefined {
  const numbers = numbersIn(value);
  return numbers?.length === 1 ? numbers[0] : undefined;
}

function isOff(value: ScriptValue | undefined): boolean {
  return value === undefined || isFalse(value);
}
