import { gathered } from '../../model/gateView.ts';
import { readMasked } from '../../model/parameter.ts';
import type { ConvNode, PoolNode, StepWindow } from '../../model/windowNodes.ts';
import { turned } from '../turned.ts';
import { impossible, option } from './activationName.ts';
import type { BareLayer, Dialect, KerasLayer, KerasTensor, KerasWeight } from './description.ts';
import { isTrainable, weight } from './weight.ts';

/** Keras' name of a window's padding; undefined where it has none. A window of stride 1 keeps the number of steps by "same". */
function paddingName({ padding, stride }: StepWindow, reach: number): 'same' | 'valid' | undefined {
  if (padding === 'same') return 'same';
  const [before, after] = padding;
  if (before === 0 && after === 0) return 'valid';
  const half = Math.floor(reach / 2);
  return stride === 1 && before === half && after === reach - half ? 'same' : undefined;
}

/** Conv1D, behind a layer of padding where its own has no name. Throws conversionImpossible. */
export function convolution(node: ConvNode, dialect: Dialect): BareLayer {
  const { taps, bias, stride, dilation, groups, spread, padding: around, origin } = node;
  const [{ rows, columns }] = taps;
  const reach = (taps.length - 1) * dilation;
  const isCausal = around[0] === reach && around[1] === 0;
  const named = paddingName(node, reach) ?? (isCausal ? 'causal' : undefined);
  if (spread !== 1) throw impossible(origin, option('optionTransposedConvolution'), dialect);
  // TensorFlow.js lists causal padding, and throws where it is to compute it.
  if (dialect === 'tfjs' && named === 'causal')
    throw impossible(origin, option('optionCausalPadding'), dialect);
  if (dialect === 'tfjs' && named === undefined)
    throw impossible(origin, option('optionPaddingLengths'), dialect);
  if (dialect === 'tfjs' && groups !== 1)
    throw impossible(origin, option('optionConvolutionGroups'), dialect);
  const kernel: KerasWeight = {
    name: 'kernel',
    shape: [taps.length, columns, rows],
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
    className: 'Conv1D',
    config: {
      filters: rows,
      kernel_size: [taps.length],
      strides: [stride],
      padding: named ?? 'valid',
      data_format: 'channels_last',
      dilation_rate: [dilation],
      ...(dialect === 'keras' && { groups }),
      activation: 'linear',
      use_bias: bias !== undefined,
    },
    weights: [kernel, ...(bias ? [weight('bias', bias)] : [])],
    ...(named === undefined && around !== 'same' && { padding: around }),
  };
}

/** Pooling over steps; of a mean that counts the padding behind a layer of it, where there is one. Throws conversionImpossible. */
export function pooling(node: PoolNode, dialect: Dialect): BareLayer {
  const { size, stride, padding: around, op, countPadding = false, origin } = node;
  const named = paddingName(node, size - 1);
  const counts = op === 'AveragePool' && countPadding && named !== 'valid';
  const apart = counts && dialect === 'keras' && around !== 'same';
  if (!apart && (counts || named === undefined))
    throw impossible(origin, option('optionPaddingLengths'), dialect);
  return {
    className: op === 'MaxPool' ? 'MaxPooling1D' : 'AveragePooling1D',
    config: {
      pool_size: [size],
      strides: [stride],
      padding: apart ? 'valid' : named,
      data_format: 'channels_last',
    },
    weights: [],
    ...(apart && { padding: around }),
  };
}

/** Steps of 0 before and behind those of a sequence, and the tensor that this makes. */
export function paddingLayer(
  input: KerasTensor,
  name: string,
  padding: readonly [number, number],
): { readonly layer: KerasLayer; readonly output: KerasTensor } {
  const config = { name, trainable: true, dtype: 'float32', padding };
  const layer = { className: 'ZeroPadding1D', name, config, inputs: [input], weights: [] };
  const [batch, steps, width] = input.shape;
  const longer = typeof steps === 'number' ? steps + padding[0] + padding[1] : null;
  return { layer, output: { ...input, layer: name, output: 0, shape: [batch, longer, width] } };
}
