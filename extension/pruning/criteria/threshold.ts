import type { Criterion } from './criterion.ts';
import { magnitude } from './magnitude.ts';

/** Prunes |w| < k · mean|w|, the mean taken over all weights of the set, zeros included. */
export const threshold: Criterion = {
  scores: magnitude.scores,
  count: (scores, target) => {
    if (!('k' in target)) return magnitude.count(scores, target);
    let sum = 0;
    for (const score of scores) sum += score;
    const limit = (target.k * sum) / scores.length;
    let below = 0;
    for (const score of scores) if (score < limit) below++;
    return below;
  },
};
