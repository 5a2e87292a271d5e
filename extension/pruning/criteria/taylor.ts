import { gathered } from '../../model/gateView.ts';
import { evidenceOf, type WeightCriterion } from './criterion.ts';

/**
 * |w · E[g]|, the first-order estimate of how the loss changes without the weight; of a group |Σ w · E[g]| (Molchanov et al., "Importance
 * Estimation for Neural Network Pruning", 2019).
 */
export const taylor: WeightCriterion = {
  judges: 'weights',
  needs: ['gradient'],
  combine: 'absoluteMean',
  scores: ({ view, values }, evidence) => {
    const gradients = evidenceOf(evidence, 'gradient').get(view.parameter);
    return gradients && gathered(view, gradients).map((g, i) => g * values[i]);
  },
};
