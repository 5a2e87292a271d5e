import { evidenceAt, type WeightCriterion } from './criterion.ts';

/**
 * |w · E[g]|, the first-order estimate of how the loss changes without the weight; of a group |Σ w · E[g]|, over its number of weights
 * (Molchanov et al., "Importance Estimation for Neural Network Pruning", 2019).
 */
export const taylor: WeightCriterion = {
  judges: 'weights',
  needs: ['gradient'],
  combine: 'absoluteMean',
  scores: (piece, evidence) => evidenceAt(piece, evidence, 'gradient')?.map((g, i) => g * piece.values[i]),
};
