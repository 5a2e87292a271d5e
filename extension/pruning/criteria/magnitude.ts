import { roundHalfToEven } from '../select.ts';
import type { Criterion } from './criterion.ts';

/** score = |w| (Han et al. 2015, "Learning both Weights and Connections"); a share s of n weights is round(s n). */
export const magnitude: Criterion = {
  scores: ({ values }) => values.map(Math.abs),
  count: (scores, target) => ('sparsity' in target ? roundHalfToEven(target.sparsity * scores.length) : 0),
};
