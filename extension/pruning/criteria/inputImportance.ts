import { type ColumnCriterion, evidenceOf } from './criterion.ts';

/**
 * E|x · ∂L/∂x| of one input of a matrix, x and gradient added up over the steps of a sample ("gradient × input", Shrikumar et al. 2016).
 * The product is the same as Σ w · ∂L/∂w over the weights that read this input, so the weights' gradients give it.
 */
export const inputImportance: ColumnCriterion = {
  judges: 'columns',
  needs: ['columnSaliency'],
  scores: (matrixName, evidence) => {
    const saliency = evidenceOf(evidence, 'columnSaliency').get(matrixName);
    if (!saliency) throw new Error(`no saliency was gathered for ${matrixName}`);
    return saliency;
  },
};
