import type { AttentionNode } from '../../../model/attentionNode.ts';
import { attentionWeights, concatWeight } from '../attentionWeights.ts';
import { dropoutRate } from './dropout.ts';
import { type Lowering, masked, type PlacedLayer } from './lowering.ts';
import { setting } from './options.ts';
import { unsupported } from './refusals.ts';
import { foundMask } from './takenMasks.ts';

/** Attention and AdditiveAttention over query, value and perhaps key; the query's mask goes on. */
export const attention: Lowering = (layer, inputs, builder) => {
  const { config } = layer;
  const score = scoreOf(layer);
  const [query, value] = inputs;
  const masks = [query, value].map((input) => input && foundMask(input));
  const dropout = dropoutRate(layer, config.dropout);
  const weights = attentionWeights(layer);
  const name = builder.add({
    op: 'Attention',
    score,
    inputs: inputs.map((input) => input.name),
    outputs: [builder.fresh(layer)],
    origin: layer.path,
    ...(weights.includes('scale') && { scale: builder.parameter(layer, 'scale') }),
    ...(weights.includes(concatWeight) && { weight: builder.parameter(layer, concatWeight) }),
    ...(masks.some((mask) => mask !== undefined) && { masks }),
    ...(isCausal(layer) && { causal: true }),
    ...(dropout > 0 && { dropout }),
  });
  return masked(name, query);
};

function scoreOf(layer: PlacedLayer): AttentionNode['score'] {
  const { className, config } = layer;
  if (className === 'AdditiveAttention') return 'additive';
  const { score_mode: mode = 'dot' } = config;
  if (mode !== 'dot' && mode !== 'concat') throw unsupported(layer, setting('score_mode', mode));
  return mode;
}

/** How a call says that no query sees what comes after it. */
export const causalKeyword = 'use_causal_mask';

/** An argument of the layer up to Keras 2.9, of its call since. */
export function isCausal({ config, call }: PlacedLayer): boolean {
  return config.causal === true || call?.keywords.includes(causalKeyword) === true;
}
