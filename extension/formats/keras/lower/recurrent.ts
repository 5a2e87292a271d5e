import type { RecurrentNode, ValueName } from '../../../model/graph.ts';
import { dropoutRate } from './dropout.ts';
import {
  type Builder,
  type Lowering,
  masked,
  type PlacedLayer,
  unsupported,
  type Value,
} from './lowering.ts';

/** Keras' defaults where the configuration is silent; files of every version write both activations. */
const defaultGateActivation = 'hard_sigmoid';

/**
 * LSTM, GRU and SimpleRNN. With go_backwards the sequence and its mask are reversed on the way in and the outputs stay
 * in the order in which they were computed; the mask that goes on is the one that came, as in Keras.
 */
export const lowerRecurrent: Lowering = (layer, inputs, builder) => {
  const x = onlySequence(layer, inputs);
  const output = lowerDirection(layer, x, builder, { reversed: false });
  return layer.config.return_sequences === true ? masked(output, x) : { name: output };
};

/** What a recurrent layer reads where nothing gives its state. */
export function onlySequence(layer: PlacedLayer, inputs: readonly Value[]): Value {
  if (inputs.length !== 1) throw unsupported(layer, { code: 'optionInitialState', args: {} });
  return inputs[0];
}

/**
 * The sequence or the last output of one direction.
 * @param reversed the sequence is turned round on its way out
 */
export function lowerDirection(
  layer: PlacedLayer,
  x: Value,
  builder: Builder,
  { reversed }: { readonly reversed: boolean },
): ValueName {
  const { config } = layer;
  for (const option of ['stateful', 'time_major'] as const) {
    if (config[option] === true) throw unsupported(layer, option);
  }
  const backwards = config.go_backwards === true;
  const reverse = (name: string) =>
    builder.add({ op: 'Reverse', inputs: [name], outputs: [builder.fresh(layer)], origin: layer.path });
  // Turned round twice, the outputs are at their steps.
  const inPlace = backwards && reversed;
  const turned = backwards && !inPlace;
  const mask = x.mask !== undefined && turned ? reverse(x.mask) : x.mask;
  const recurrent = builder.recurrent(layer);
  // Keras 1 calls them by the weights that they come before.
  const dropout = dropoutRate(layer, config.dropout ?? config.dropout_W);
  const recurrentDropout = dropoutRate(layer, config.recurrent_dropout ?? config.dropout_U);
  const sequence = builder.fresh(layer);
  const last = builder.fresh(layer);
  const node: RecurrentNode = {
    op: recurrent.cell,
    inputs: [turned ? reverse(x.name) : x.name],
    outputs: [sequence, last],
    origin: layer.path,
    layer: recurrent,
    activation: builder.cellActivation(layer, config.activation ?? 'tanh'),
    gateActivation: builder.cellActivation(
      layer,
      config.recurrent_activation ?? config.inner_activation ?? defaultGateActivation,
    ),
    ...(config.reset_after === true && { linearBeforeReset: true }),
    ...(mask !== undefined && { mask }),
    ...(config.zero_output_for_mask === true && { zeroMaskedOutput: true }),
    ...(inPlace && { reverse: true }),
    ...(dropout > 0 && { dropout }),
    ...(recurrentDropout > 0 && { recurrentDropout }),
  };
  builder.add(node);
  if (config.return_sequences !== true) return last;
  return reversed && !inPlace ? reverse(sequence) : sequence;
}
