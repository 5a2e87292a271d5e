import { magnitude } from './magnitude.ts';

/**
 * |w|, of which all below k · mean|w| go, the mean taken over all weights of the set, zeros included (Han et al. 2015, who take a multiple
 * of the standard deviation).
 */
export const threshold = magnitude;

/**
 * How many of the scores lie below k times their mean.
 * @param scores −∞ where the weight is gone already, which counts as 0; +∞ where it must stay
 * @param fixed the own scores of these
 */
export function countBelow(
  scores: Float32Array,
  k: number,
  fixed: ReadonlyMap<number, number> = new Map(),
): number {
  let sum = 0;
  for (let i = 0; i < scores.length; i++) if (Number.isFinite(scores[i])) sum += scores[i];
  for (const score of fixed.values()) sum += score;
  const limit = (k * sum) / scores.length;
  let below = 0;
  for (let i = 0; i < scores.length; i++) if (scores[i] < limit) below++;
  return below;
}
