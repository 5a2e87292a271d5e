import type { RecurrentNode, ValueName } from '../../../model/graph.ts';
import { UserError } from '../../../protocol/userError.ts';
import { cellClass, cellLayers } from '../cells.ts';
import { innerLayer } from '../config.ts';
import { join } from '../leaves.ts';
import { dropoutRate } from './dropout.ts';
import { type Builder, masked, type PlacedLayer, type SeveralLowering, type Value } from './lowering.ts';
import { unsupported } from './refusals.ts';
import { foundMask } from './takenMasks.ts';

/** Keras' defaults where the configuration is silent; files of every version write both activations. */
const defaultGateActivation = 'hard_sigmoid';

/**
 * LSTM, GRU, SimpleRNN and RNN over such cells, with the final states behind the output where return_state asks for them. With
 * go_backwards the sequence and its mask are reversed on the way in and the outputs stay in the order in which they were computed; the
 * mask that goes on is the one that came, as in Keras.
 */
export const lowerRecurrent: SeveralLowering = (layer, inputs, builder) => {
  const [x] = inputs;
  const { output, states } = lowerDirection(layer, inputs, builder, { reversed: false });
  return [layer.config.return_sequences === true ? masked(output, x) : { name: output }, ...states];
};

export interface LoweredDirection {
  readonly output: ValueName;
  /** Final states, cell by cell, where the layer puts them out: h and of an LSTM c. */
  readonly states: readonly Value[];
}

/**
 * The sequence or the last output of one direction, and its final states.
 * @param inputs the sequence and, where it does not start from zeros, the initial states of all cells
 * @param reversed the sequence is turned round on its way out
 * @param remade Keras 3 makes the layer anew by what it would write of it, which leaves the implementation out
 */
export function lowerDirection(
  layer: PlacedLayer,
  [x, ...initial]: readonly Value[],
  builder: Builder,
  { reversed, remade = false }: { readonly reversed: boolean; readonly remade?: boolean },
): LoweredDirection {
  const { config } = layer;
  if (config.time_major === true) throw unsupported(layer, 'time_major');
  // The states of the batch before depend on what came before; as behind Keras' reset_states, there are none.
  const stateful = config.stateful === true;
  if (stateful) builder.stateful.add(layer.path.replace(/\/(for|back)ward$/, ''));
  const backwards = config.go_backwards === true;
  const reverse = (name: string) => builder.add({ ...builder.base(layer, name), op: 'Reverse' });
  // Turned round twice, the outputs are at their steps.
  const inPlace = backwards && reversed;
  const turned = backwards && !inPlace;
  const own = isMasked(layer, initial, builder)
    ? (foundMask(x) ?? builder.heldMask?.for(x, layer, builder, backwards))
    : undefined;
  const mask = own !== undefined && turned ? reverse(own) : own;
  const cells = cellsOf(layer);
  const counts = cells.map((cell) => (builder.recurrent(cell).cell === 'LSTM' ? 2 : 1));
  const count = counts.reduce((sum, one) => sum + one, 0);
  if (initial.length > 0 && initial.length !== count)
    throw unsupported(layer, { code: 'optionInitialState', args: {} });
  let sequence = turned ? reverse(x.name) : x.name;
  let last = sequence;
  const states: Value[] = [];
  for (const [i, cell] of cells.entries()) {
    const from = counts.slice(0, i).reduce((sum, one) => sum + one, 0);
    const given = initial.slice(from, from + counts[i]).map(({ name }) => name);
    const node: RecurrentNode = {
      ...cellNode(cell, builder),
      ...(!remade && cell.config.implementation === 1 && { gateByGate: true }),
      inputs: [sequence, ...given],
      outputs: Array.from({ length: config.return_state === true ? 2 + counts[i] : 2 }, () =>
        builder.fresh(cell),
      ),
      ...(mask !== undefined && { mask }),
      ...(config.zero_output_for_mask === true && i === cells.length - 1 && { zeroMaskedOutput: true }),
      ...(inPlace && { reverse: true }),
      ...(stateful && { stateful }),
    };
    builder.add(node);
    [sequence, last] = node.outputs;
    states.push(...node.outputs.slice(2).map((name) => ({ name })));
  }
  if (config.return_sequences !== true) return { output: last, states };
  return { output: reversed && !inPlace ? reverse(sequence) : sequence, states };
}

/** Keras 3 finds the mask of a sequence by itself only where a layer is given nothing else; it still hands that mask on. */
function isMasked({ call }: PlacedLayer, initial: readonly Value[], { version }: Builder): boolean {
  return initial.length === 0 || version.major < 3 || (call?.masks?.length ?? 0) > 0;
}

/** The layer itself, or the cells that an RNN has one after the other. */
function cellsOf(layer: PlacedLayer): PlacedLayer[] {
  if (layer.className !== 'RNN') return [layer];
  const cells = cellLayers(layer);
  if (!cells) throw new UserError('layerUnsupported', { layer: layer.path, type: cellClass(layer) });
  const inner = innerLayer(layer.config, 'cell')?.config;
  // Attention over constants, and states in another order.
  for (const [option, value] of [
    ['num_constants', layer.config.num_constants],
    ['reverse_state_order', inner?.reverse_state_order],
  ] as const)
    if (value) throw unsupported(layer, option);
  return cells.layers.map((cell) => ({
    ...cell,
    path: cells.stacked ? join(layer.path, cell.name) : layer.path,
  }));
}

/** What a cell computes, without what it reads and puts out. */
function cellNode(cell: PlacedLayer, builder: Builder): Omit<RecurrentNode, 'inputs' | 'outputs'> {
  const { config } = cell;
  const layer = builder.recurrent(cell);
  // Keras 1 calls them by the weights that they come before.
  const dropout = dropoutRate(cell, config.dropout ?? config.dropout_W);
  const recurrentDropout = dropoutRate(cell, config.recurrent_dropout ?? config.dropout_U);
  return {
    op: layer.cell,
    origin: cell.path,
    layer,
    activation: builder.cellActivation(cell, config.activation ?? 'tanh'),
    gateActivation: builder.cellActivation(
      cell,
      config.recurrent_activation ?? config.inner_activation ?? defaultGateActivation,
    ),
    ...(config.reset_after === true && { linearBeforeReset: true }),
    ...(dropout > 0 && { dropout }),
    ...(recurrentDropout > 0 && { recurrentDropout }),
  };
}
