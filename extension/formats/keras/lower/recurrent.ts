import type { RecurrentNode } from '../../../model/graph.ts';
import { dropoutRate } from './dropout.ts';
import { type Lowering, masked, unsupported } from './lowering.ts';

/** Keras' defaults where the configuration is silent; files of every version write both activations. */
const defaultGateActivation = 'hard_sigmoid';

/**
 * LSTM, GRU and SimpleRNN. With go_backwards the sequence and its mask are reversed on the way in and the outputs stay
 * in the order in which they were computed; the mask that goes on is the one that came, as in Keras.
 */
export const lowerRecurrent: Lowering = (layer, inputs, builder) => {
  const { config } = layer;
  if (inputs.length !== 1) throw unsupported(layer, { code: 'optionInitialState', args: {} });
  for (const option of ['stateful', 'time_major'] as const) {
    if (config[option] === true) throw unsupported(layer, option);
  }
  const [x] = inputs;
  const backwards = config.go_backwards === true;
  const reverse = (name: string) =>
    builder.add({ op: 'Reverse', inputs: [name], outputs: [builder.fresh(layer)], origin: layer.path });
  const mask = x.mask === undefined ? undefined : backwards ? reverse(x.mask) : x.mask;
  const recurrent = builder.recurrent(layer);
  // Keras 1 calls them by the weights that they come before.
  const dropout = dropoutRate(layer, config.dropout ?? config.dropout_W);
  const recurrentDropout = dropoutRate(layer, config.recurrent_dropout ?? config.dropout_U);
  const sequence = builder.fresh(layer);
  const last = builder.fresh(layer);
  const node: RecurrentNode = {
    op: recurrent.cell,
    inputs: [backwards ? reverse(x.name) : x.name],
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
    ...(dropout > 0 && { dropout }),
    ...(recurrentDropout > 0 && { recurrentDropout }),
  };
  builder.add(node);
  return config.return_sequences === true ? masked(sequence, x) : { name: last };
};
