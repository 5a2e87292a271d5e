import { gathered } from '../../model/gateView.ts';
import { evidenceOf, type WeightCriterion } from './criterion.ts';

/** |E[g]|, g the gradients of the mean loss of batches: what the loss does not depend on goes. Of a group the mean. */
export const gradient: WeightCriterion = {
  judges: 'weights',
  needs: ['gradient'],
  combine: 'mean',
  scores: ({ view }, evidence) => {
    const gradients = evidenceOf(evidence, 'gradient').get(view.parameter);
    return gradients && gathered(view, gradients).map(Math.abs);
  },
};
