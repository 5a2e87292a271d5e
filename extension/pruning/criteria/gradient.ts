import { evidenceAt, type WeightCriterion } from './criterion.ts';

/** |E[g]|, g the gradients of the mean loss of batches: what the loss does not depend on goes. Of a group the mean. */
export const gradient: WeightCriterion = {
  judges: 'weights',
  needs: ['gradient'],
  combine: 'mean',
  scores: (piece, evidence) => evidenceAt(piece, evidence, 'gradient')?.map(Math.abs),
};
