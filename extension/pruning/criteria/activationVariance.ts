import type { UnitCriterion } from './criterion.ts';

/** E[h²] − E[h]² of a hidden unit: units that always put out the same go (He et al. 2014; a bias can take their place). */
export const activationVariance: UnitCriterion = {
  judges: 'units',
  needs: ['units'],
  scores: ({ variance }) => variance,
};
