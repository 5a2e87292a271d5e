import { gathered } from '../../model/gateView.ts';
import { evidenceOf, type WeightCriterion } from './criterion.ts';

/**
 * w² · E[g²] / 2 over the gradients g of single samples: Optimal Brain Damage (LeCun et al. 1990) with the diagonal of the empirical Fisher
 * information for the Hessian's (Theis et al. 2018). Of a group the sum, over its number of weights.
 */
export const fisher: WeightCriterion = {
  judges: 'weights',
  needs: ['squaredGradient'],
  combine: 'mean',
  scores: ({ view, values }, evidence) => {
    const squares = evidenceOf(evidence, 'squaredGradient').get(view.parameter);
    return squares && gathered(view, squares).map((square, i) => (values[i] * values[i] * square) / 2);
  },
};
