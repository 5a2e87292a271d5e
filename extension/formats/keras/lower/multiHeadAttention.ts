import type { ValueName } from '../../../model/graph.ts';
import { isCausal } from './attention.ts';
import { dropoutRate } from './dropout.ts';
import { type Builder, type Lowering, masked, type PlacedLayer, type Value } from './lowering.ts';
import { setting, stepCount } from './options.ts';
import { unsupported } from './refusals.ts';
import { foundMask } from './takenMasks.ts';

/**
 * Query [B,Q,D], value [B,T,V] and perhaps key [B,T,K], each through a dense layer of its own, then attention by heads, and one more
 * dense layer (Vaswani et al. 2017). The query's mask goes on.
 */
export const multiHeadAttention: Lowering = (layer, inputs, builder) => {
  const { config } = layer;
  checkOptions(layer, inputs);
  const [query, value, key] = inputs;
  const heads = stepCount(layer, 'num_heads');
  const width = stepCount(layer, 'key_dim');
  const masks = [query, value, key].map((input) => input && foundMask(input));
  const dropout = dropoutRate(layer, config.dropout);
  // Keras 3 computes by two ways, that with dropout by its Softmax layer, which puts 0 where all is masked.
  const unseen = dropout > 0 ? 'zero' : 'mean';
  const project = (from: Value, name: string) => projected(layer, from.name, { name, inputAxes: 1 }, builder);
  const attended = builder.add({
    op: 'Attention',
    score: 'dot',
    inputs: [project(query, 'query'), project(value, 'value'), project(key ?? value, 'key')],
    outputs: [builder.fresh(layer)],
    origin: layer.path,
    heads,
    factor: 1 / Math.sqrt(width),
    ...(masks.some((mask) => mask !== undefined) && { masks, unseen }),
    ...(isCausal(layer) && { causal: true }),
    ...(dropout > 0 && { dropout }),
  });
  return masked(projected(layer, attended, { name: 'attention_output', inputAxes: 2 }, builder), query);
};

function checkOptions(layer: PlacedLayer, inputs: readonly Value[]): void {
  const { config } = layer;
  if (inputs.length < 2) throw unsupported(layer, setting('value', null));
  for (const key of ['use_gate', 'sliding_window'])
    if (config[key]) throw unsupported(layer, setting(key, config[key]));
  const { attention_axes: axes = null, output_shape: shape = null } = config;
  if (axes !== null && JSON.stringify([axes].flat()) !== '[1]')
    throw unsupported(layer, setting('attention_axes', axes));
  if (shape !== null && [shape].flat().length !== 1) throw unsupported(layer, setting('output_shape', shape));
}

interface Projection {
  readonly name: string;
  readonly inputAxes: number;
}

/** A dense layer that has several axes on one side: [D, heads, size] or [heads, size, D]. */
function projected(
  layer: PlacedLayer,
  from: ValueName,
  { name, inputAxes }: Projection,
  builder: Builder,
): ValueName {
  const weight = builder.parameter(layer, `${name}/kernel`);
  if (weight.shape.length !== 3) throw unsupported(layer, setting(`${name}/kernel`, weight.shape));
  const bias = builder.optional(layer, `${name}/bias`);
  return builder.add({
    op: 'MatMul',
    inputs: [from],
    outputs: [builder.fresh(layer)],
    origin: layer.path,
    weight,
    inputAxes,
    ...(bias && { bias }),
  });
}
