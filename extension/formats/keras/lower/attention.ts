import type { AttentionNode } from '../../../model/attentionNode.ts';
import { dropoutRate } from './dropout.ts';
import { type Lowering, masked } from './lowering.ts';
import { setting } from './options.ts';
import { unsupported } from './refusals.ts';

/** Attention and AdditiveAttention over query, value and perhaps key; the query's mask goes on. */
export function attention(score: AttentionNode['score']): Lowering {
  return (layer, inputs, builder) => {
    const { config } = layer;
    const { score_mode: mode = 'dot' } = config;
    if (mode !== 'dot') throw unsupported(layer, setting('score_mode', mode));
    // An argument of the layer in Keras 2, of its call in Keras 3.
    if (config.causal === true) throw unsupported(layer, 'causal');
    const [query, value] = inputs;
    const masks = [query, value].map((input) => input?.mask);
    const dropout = dropoutRate(layer, config.dropout);
    const scaled = config.use_scale ?? score === 'additive';
    const name = builder.add({
      op: 'Attention',
      score,
      inputs: inputs.map((input) => input.name),
      outputs: [builder.fresh(layer)],
      origin: layer.path,
      ...(scaled === true && { scale: builder.parameter(layer, 'scale') }),
      ...(masks.some((mask) => mask !== undefined) && { masks }),
      ...(dropout > 0 && { dropout }),
    });
    return masked(name, query);
  };
}
