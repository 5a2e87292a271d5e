import type { GraphNode } from '../../../extension/model/graph.ts';
import { arrays, type LayerJson, loweredModel, recurrent, type Weights } from './lowered.ts';

/** A node without its names. */
export function bare({ inputs, outputs, origin, ...rest }: GraphNode): object {
  return rest;
}

/**
 * A layer over inputs a, b, … [B, 4, 3], of which some are masked, in a functional model of Keras 2 or 3. Beside it stands a
 * recurrent layer, since every model has one.
 */
export function overInputs(
  layer: LayerJson & { readonly inbound_nodes?: readonly unknown[] },
  masked: readonly boolean[],
  kerasVersion: string,
  weights: Weights = {},
) {
  const names = masked.map((_, i) => 'abc'[i]);
  const inputs = names.map((name) => ({
    class_name: 'InputLayer',
    name,
    config: { name, batch_input_shape: [null, 4, 3], dtype: 'float32' },
    inbound_nodes: [],
  }));
  const tensors = names.map((name, i) => [masked[i] ? `${name}_masked` : name, 0, 0]);
  const maskings = names.map((name) => ({
    class_name: 'Masking',
    name: `${name}_masked`,
    config: { name: `${name}_masked`, trainable: true },
    inbound_nodes: [call([[name, 0, 0]], kerasVersion)],
  }));
  const rnn = recurrent('GRU', { trainable: true });
  const beside = { ...rnn, name: 'rnn', inbound_nodes: [call([['a', 0, 0]], kerasVersion)] };
  const last = { name: 'layer', inbound_nodes: [call(tensors, kerasVersion)], ...layer };
  const config = {
    name: 'model',
    layers: [...inputs, ...maskings.filter((_, i) => masked[i]), beside, last],
    input_layers: names.map((name) => [name, 0, 0]),
    output_layers: [['layer', 0, 0]],
  };
  const all = { rnn: arrays('GRU', 3), ...weights };
  return loweredModel({ class_name: 'Functional', config }, all, kerasVersion);
}

export function call(tensors: unknown[][], kerasVersion: string): unknown {
  if (!kerasVersion.startsWith('3')) return tensors.map((tensor) => [...tensor, {}]);
  return { args: [tensors.map((history) => kerasTensor(history))], kwargs: {} };
}

export function kerasTensor(history: unknown, shape: (number | null)[] = [null, 4, 3]): object {
  return { class_name: '__keras_tensor__', config: { shape, dtype: 'float32', keras_history: history } };
}
