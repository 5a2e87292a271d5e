import type { UnitCriterion } from './criterion.ts';

/** E[h²] − E[h]² of a hidden unit: units that always put out the same go (Sietsma and Dow 1988); a bias could take their place. */
export const activationVariance: UnitCriterion = {
  judges: 'units',
  needs: ['units'],
  scores: ({ variance }) => variance,
};
