import type { RecurrentNode, ValueName } from '../../model/graph.ts';
import type { RecurrentLayer } from '../../model/recurrentLayer.ts';
import type { DescribedModule } from '../../protocol/modelDescription.ts';
import type { GraphBuilder } from './graphBuilder.ts';
import type { RecurrentModule } from './recurrentModules.ts';

/** The layers of a module on each other, the directions of each side by side, with dropout between them as in torch.nn.LSTM. */
export function lowerRecurrent(
  module: RecurrentModule,
  options: Pick<DescribedModule, 'nonlinearity' | 'dropout'>,
  builder: GraphBuilder,
): void {
  const { dropout = 0 } = options;
  for (const [i, directions] of module.layers.entries()) {
    const origin = module.path === '' ? module.cell : module.path;
    if (i > 0 && dropout > 0) builder.through(origin, { op: 'Dropout', rate: dropout });
    const { value } = builder.flow;
    const outputs = directions
      .flatMap((layer) => layer ?? [])
      .map((layer) => direction(layer, value, options, builder));
    const sequences = outputs.map(({ sequence }) => sequence);
    builder.goOn({
      value:
        sequences.length === 1 ? sequences[0] : builder.node(origin, sequences, { op: 'Concat', axis: -1 }),
      isSequence: true,
      ends: outputs.map(({ last }) => last),
    });
  }
}

function direction(
  layer: RecurrentLayer,
  input: ValueName,
  { nonlinearity = 'tanh' }: Pick<DescribedModule, 'nonlinearity'>,
  builder: GraphBuilder,
): { readonly sequence: ValueName; readonly last: ValueName } {
  const sequence = builder.fresh(layer.name);
  const last = `${sequence}/last`;
  // Hidden units are judged by what the projection is applied to, which comes last.
  const further = layer.projection ? ['h', 'c', 'hidden'].map((name) => `${sequence}/${name}`) : [];
  const node: RecurrentNode = {
    op: layer.cell,
    inputs: [input],
    outputs: [sequence, last, ...further],
    origin: layer.name,
    layer,
    gateActivation: { op: 'Sigmoid' },
    activation: { op: layer.cell === 'RNN' && nonlinearity === 'relu' ? 'Relu' : 'Tanh' },
    // PyTorch's GRU resets after the recurrent product, whatever its biases.
    ...(layer.cell === 'GRU' && { linearBeforeReset: true }),
    ...(layer.direction === 'backward' && { reverse: true }),
    ...(builder.mask !== undefined && { mask: builder.mask }),
    // As pad_packed_sequence has them; whatever sums up the steps does not read those.
    ...(builder.mask !== undefined && builder.isSequential && { zeroMaskedOutput: true }),
  };
  builder.push(node);
  return { sequence, last };
}
