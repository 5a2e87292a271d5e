import { gathered } from '../../model/gateView.ts';
import { readMasked } from '../../model/parameter.ts';
import { type ConvNode, type PoolNode, type RowWindow, stepTaps } from '../../model/windowNodes.ts';
import { reachOf } from '../../model/windowReach.ts';
import { turned } from '../turned.ts';
import { impossible, option } from './activationName.ts';
import type { BareLayer, Dialect, KerasLayer, KerasTensor, KerasWeight, Padding } from './description.ts';
import { isTrainable, weight } from './weight.ts';

/** Along each axis, of images along the rows first. */
function windowsOf(node: ConvNode | PoolNode): RowWindow[] {
  const { rows, stride, padding } = node;
  const [size, dilation] = node.op === 'Conv' ? [stepTaps(node), node.dilation] : [node.size, 1];
  return [...(rows ? [rows] : []), { stride, padding, size, dilation }];
}

/** Keras' name of a padding; undefined where it has none for all the windows. */
function paddingName(windows: readonly RowWindow[]): 'same' | 'valid' | undefined {
  return (['valid', 'same'] as const).find((name) => windows.every((window) => isPadded(window, name)));
}

/** A window of stride 1 keeps the number of steps by "same"; one of a single step needs none for it. */
function isPadded({ padding, stride, size, dilation }: RowWindow, name: 'same' | 'valid'): boolean {
  if (padding === 'same') return name === 'same';
  const [before, after] = padding;
  if (name === 'valid') return before === 0 && after === 0;
  const around = reachOf(size, dilation) - 1;
  const half = Math.floor(around / 2);
  return (stride === 1 || around === 0) && before === half && after === around - half;
}

/** As a layer of its own pads; undefined where that would need to know how many steps there are. */
function paddingOf(windows: readonly RowWindow[]): Padding | undefined {
  const pads = windows.flatMap(({ padding }) => (padding === 'same' ? [] : [padding]));
  return pads.length === windows.length ? pads : undefined;
}

/** Conv1D or Conv2D, behind a layer of padding where its own has no name. Throws conversionImpossible. */
export function convolution(node: ConvNode, dialect: Dialect): BareLayer {
  const { taps, bias, groups, spread, padding: around, origin } = node;
  const [{ rows, columns }] = taps;
  const windows = windowsOf(node);
  const isCausal = !node.rows && around[0] === reachOf(taps.length, node.dilation) - 1 && around[1] === 0;
  const named = paddingName(windows) ?? (isCausal ? 'causal' : undefined);
  const apart = named === undefined ? paddingOf(windows) : undefined;
  if (spread !== 1) throw impossible(origin, option('optionTransposedConvolution'), dialect);
  // TensorFlow.js lists causal padding, and throws where it is to compute it.
  if (dialect === 'tfjs' && named === 'causal')
    throw impossible(origin, option('optionCausalPadding'), dialect);
  if (dialect === 'tfjs' && named === undefined && !node.rows)
    throw impossible(origin, option('optionPaddingLengths'), dialect);
  if (dialect === 'tfjs' && groups !== 1)
    throw impossible(origin, option('optionConvolutionGroups'), dialect);
  const kernel: KerasWeight = {
    name: 'kernel',
    shape: [...windows.map(({ size }) => size), columns, rows],
    trainable: taps.some(({ parameter }) => isTrainable(parameter)),
    values: async () => {
      const parts = await Promise.all(
        taps.map(async (tap) => turned(gathered(tap, await readMasked(tap.parameter)), rows, columns)),
      );
      const all = new Float32Array(taps.length * rows * columns);
      for (const [k, part] of parts.entries()) all.set(part, k * rows * columns);
      return all;
    },
  };
  return {
    className: `Conv${windows.length}D`,
    config: {
      filters: rows,
      kernel_size: windows.map(({ size }) => size),
      strides: windows.map(({ stride }) => stride),
      padding: named ?? 'valid',
      data_format: 'channels_last',
      dilation_rate: windows.map(({ dilation }) => dilation),
      ...(dialect === 'keras' && { groups }),
      activation: 'linear',
      use_bias: bias !== undefined,
    },
    weights: [kernel, ...(bias ? [weight('bias', bias)] : [])],
    ...(apart && { padding: apart }),
  };
}

/**
 * Pooling over steps or images, behind a layer of padding where that counts as 0, as it may in the largest of values that are not negative.
 * Throws conversionImpossible where there is no such layer.
 */
export function pooling(node: PoolNode, dialect: Dialect, isNotNegative: boolean): BareLayer {
  const { op, countPadding = false, origin } = node;
  const windows = windowsOf(node);
  const named = paddingName(windows);
  const counts = op === 'AveragePool' && countPadding && named !== 'valid';
  const asZeros = counts || (op === 'MaxPool' && named === undefined && isNotNegative);
  const apart = asZeros && (dialect === 'keras' || node.rows) ? paddingOf(windows) : undefined;
  if (!apart && (counts || named === undefined))
    throw impossible(origin, option('optionPaddingLengths'), dialect);
  return {
    className: `${op === 'MaxPool' ? 'Max' : 'Average'}Pooling${windows.length}D`,
    config: {
      pool_size: windows.map(({ size }) => size),
      strides: windows.map(({ stride }) => stride),
      padding: apart ? 'valid' : named,
      data_format: 'channels_last',
    },
    weights: [],
    ...(apart && { padding: apart }),
  };
}

/** Steps of 0 before and behind those of a sequence, or around an image, and the tensor that this makes. */
export function paddingLayer(
  input: KerasTensor,
  name: string,
  padding: Padding,
): { readonly layer: KerasLayer; readonly output: KerasTensor } {
  const pairs = padding.length === 1 ? padding[0] : padding;
  const config = { name, trainable: true, dtype: 'float32', padding: pairs };
  const className = `ZeroPadding${padding.length}D`;
  const shape = input.shape.map((length, axis) => {
    const [before, after] = padding[axis - 1] ?? [0, 0];
    return length === null ? null : length + before + after;
  });
  const layer = { className, name, config, inputs: [input], weights: [] };
  return { layer, output: { ...input, layer: name, output: 0, shape } };
}
