import { evidenceAt, type WeightCriterion } from './criterion.ts';

/**
 * w² · E[g²] / 2 over the gradients g of single samples: Optimal Brain Damage (LeCun et al. 1990) with the diagonal of the empirical Fisher
 * information for the Hessian's (Theis et al. 2018). Of a group the sum, over its number of weights.
 */
export const fisher: WeightCriterion = {
  judges: 'weights',
  needs: ['squaredGradient'],
  combine: 'mean',
  scores: (piece, evidence) =>
    evidenceAt(piece, evidence, 'squaredGradient')?.map((square, i) => (piece.values[i] ** 2 * square) / 2),
};
