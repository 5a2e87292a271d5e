import type { AttentionNode } from '../../../model/attentionNode.ts';
import { dropoutRate } from './dropout.ts';
import { type Lowering, masked, type PlacedLayer } from './lowering.ts';
import { setting } from './options.ts';
import { unsupported } from './refusals.ts';

/** Attention and AdditiveAttention over query, value and perhaps key; the query's mask goes on. */
export function attention(score: AttentionNode['score']): Lowering {
  return (layer, inputs, builder) => {
    const { config } = layer;
    const { score_mode: mode = 'dot' } = config;
    if (mode !== 'dot') throw unsupported(layer, setting('score_mode', mode));
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
      ...(isCausal(layer) && { causal: true }),
      ...(dropout > 0 && { dropout }),
    });
    return masked(name, query);
  };
}

/** How a call says that no query sees what comes after it. */
export const causalKeyword = 'use_causal_mask';

/** An argument of the layer up to Keras 2.9, of its call since. */
export function isCausal({ config, call }: PlacedLayer): boolean {
  return config.causal === true || call?.keywords.includes(causalKeyword) === true;
}
