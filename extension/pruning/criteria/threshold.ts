import { magnitude } from './magnitude.ts';

/** |w|, of which all below k · mean|w| go, the mean taken over all weights of the set, zeros included (Han et al. 2015 by their code). */
export const threshold = magnitude;

/** How many of the scores lie below k times their mean. */
export function countBelow(scores: Float32Array, k: number): number {
  let sum = 0;
  for (const score of scores) sum += Math.max(0, score);
  const limit = (k * sum) / scores.length;
  let below = 0;
  for (const score of scores) if (score < limit) below++;
  return below;
}
