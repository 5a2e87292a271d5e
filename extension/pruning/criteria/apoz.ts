import type { UnitCriterion } from './criterion.ts';

/**
 * 1 − the average percentage of zeros (Hu et al., "Network Trimming", 2016), here of steps at which a unit's output is near zero, since
 * tanh is hardly ever zero itself: units that are silent most of the time go.
 */
export const apoz: UnitCriterion = {
  judges: 'units',
  needs: ['units'],
  scores: ({ nearZero }) => nearZero.map((share) => 1 - share),
};
