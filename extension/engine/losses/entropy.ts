import { isCategorical, type Loss } from '../../model/loss.ts';

/**
 * Entropy of one row of targets [C], natural logarithm: what a cross-entropy is where the outputs equal them. Of yes-or-no
 * targets the mean over C; of a class index 0.
 */
export function targetEntropy({ name }: Loss, y: Float64Array): number {
  if (name === 'categorical_crossentropy') return y.reduce((sum, p) => sum + term(p), 0);
  if (isCategorical(name)) return 0;
  return y.reduce((sum, p) => sum + term(p) + term(1 - p), 0) / y.length;
}

/** −p·log p, which is 0 where p is. */
function term(p: number): number {
  return p > 0 ? -p * Math.log(p) : 0;
}
