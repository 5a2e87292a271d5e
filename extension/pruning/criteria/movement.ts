import { evidenceAt, type WeightCriterion } from './criterion.ts';

/**
 * −Σ w · g over the steps of the training so far: weights that training moves towards zero go (Sanh et al., "Movement Pruning", 2020,
 * without their learning rate, which changes no order while it is constant). Of a group the mean.
 */
export const movement: WeightCriterion = {
  judges: 'weights',
  needs: ['movement'],
  combine: 'mean',
  scores: (piece, evidence) => evidenceAt(piece, evidence, 'movement'),
};
