import { innerLayer, type KerasVersion, type LayerConfig } from '../config.ts';
import { isCudnn, plainCudnn } from '../cudnn.ts';
import { refuseMask } from './cudnn.ts';
import { masked, type PlacedLayer, type SeveralLowering } from './lowering.ts';
import { setting } from './options.ts';
import { lowerDirection } from './recurrent.ts';
import { unsupported } from './refusals.ts';

/** What a Bidirectional can be computed of. */
const directed = new Set(['LSTM', 'GRU', 'SimpleRNN', 'RNN']);

/** What becomes of both directions' outputs. Without a mode they stay two. */
const merges = new Map<unknown, { op: 'Concat'; axis: number } | { op: 'Add' | 'Mul' | 'Mean' }>([
  ['concat', { op: 'Concat', axis: -1 }],
  ['sum', { op: 'Add' }],
  ['mul', { op: 'Mul' }],
  ['ave', { op: 'Mean' }],
]);

/**
 * A recurrent layer forwards and one backwards, whose sequence is turned round to the order of the steps; behind them, where they are asked
 * for, the final states of both. Of initial states each takes its half.
 */
export const bidirectional: SeveralLowering = (layer, inputs, builder) => {
  const { merge_mode: mode = 'concat' } = layer.config;
  const merge = merges.get(mode);
  if (!merge && mode !== null) throw unsupported(layer, setting('merge_mode', mode));
  const [x, ...initial] = inputs;
  const { forward, backward } = directions(layer, builder.version);
  refuseMask(layer, forward.className, x);
  if (initial.length % 2 !== 0) throw unsupported(layer, { code: 'optionInitialState', args: {} });
  const half = initial.length / 2;
  const remade = layer.config.backward_layer == null;
  const both = [
    lowerDirection(forward, [x, ...initial.slice(0, half)], builder, { reversed: false, remade: true }),
    lowerDirection(backward, [x, ...initial.slice(half)], builder, { reversed: true, remade }),
  ];
  builder.penalise(forward, [{ name: both[0].output }, ...both[0].states]);
  builder.penalise(backward, [{ name: both[1].output }, ...both[1].states]);
  const values = both.map(({ output }) => output);
  const names = merge
    ? [builder.add({ ...merge, inputs: values, outputs: [builder.fresh(layer)], origin: layer.path })]
    : values;
  const outputs = names.map((name) =>
    forward.config.return_sequences === true ? masked(name, x) : { name },
  );
  return [...outputs, ...both.flatMap(({ states }) => states)];
};

/** Where the file has no backward layer of its own it is the forward one, read the other way. */
function directions(
  layer: PlacedLayer,
  version: KerasVersion,
): { forward: PlacedLayer; backward: PlacedLayer } {
  const inner = innerLayer(layer.config);
  if (!inner) throw unsupported(layer, 'layer=null');
  const backwards = { ...inner.config, go_backwards: inner.config.go_backwards !== true };
  const back = innerLayer(layer.config, 'backward_layer') ?? { ...inner, config: backwards };
  const placed = (direction: LayerConfig, name: string): PlacedLayer => {
    const { className: type, config } = direction;
    if (!directed.has(type) && !isCudnn(type))
      throw unsupported(layer, { code: 'optionInnerLayer', args: { type } });
    const zero = zeroesMaskedOutputs(version) ? config.return_sequences : config.zero_output_for_mask;
    const own = { ...config, zero_output_for_mask: zero };
    const { call } = layer;
    return plainCudnn({ ...direction, ...(call && { call }), path: `${layer.path}/${name}`, config: own });
  };
  return { forward: placed(inner, 'forward'), backward: placed(back, 'backward') };
}

/** TensorFlow's Keras and Keras 3 put out zeros at masked steps, whatever the inner layers would do; Keras alone did not. */
function zeroesMaskedOutputs({ text, major }: KerasVersion): boolean {
  const [, minor] = text.split('.').map(Number);
  return major === 3 || (major === 2 && (text.endsWith('-tf') || minor >= 4));
}
