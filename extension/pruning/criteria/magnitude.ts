import type { WeightCriterion } from './criterion.ts';

/** |w| (Han et al., "Learning both Weights and Connections for Efficient Neural Networks", 2015); of a group the mean. */
export const magnitude: WeightCriterion = {
  judges: 'weights',
  needs: [],
  combine: 'mean',
  scores: ({ values }) => {
    // In place: models have tens of millions of weights.
    for (let i = 0; i < values.length; i++) values[i] = Math.abs(values[i]);
    return values;
  },
};
