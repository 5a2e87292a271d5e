import type { LayerConfig } from './config.ts';

/** Keras' name of the value that scores of `score_mode="concat"` are multiplied with. */
export const concatWeight = 'concat_score_weight';

/** The names of the weights that an Attention or AdditiveAttention has, in Keras' order. */
export function attentionWeights({ className, config }: Pick<LayerConfig, 'className' | 'config'>): string[] {
  const scaled = config.use_scale ?? className === 'AdditiveAttention';
  return [...(scaled === true ? ['scale'] : []), ...(config.score_mode === 'concat' ? [concatWeight] : [])];
}
