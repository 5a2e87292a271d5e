import type { UnitCriterion } from './criterion.ts';

/** E|h| of a hidden unit over samples and steps: units that put out little go. */
export const activation: UnitCriterion = {
  judges: 'units',
  needs: ['units'],
  scores: ({ meanAbsolute }) => meanAbsolute,
};
