import { evidenceOf, type WeightCriterion } from './criterion.ts';

/**
 * |w| · ‖x‖₂ / √n, x what the weight is multiplied with over n steps: for a kernel the layer's input, for a recurrent kernel the output one
 * step before, of which a diagonal's row reads its own unit, for a vector such as a bias 1 (Sun et al., "A Simple and Effective Pruning
 * Approach for Large Language Models", 2024). One pass forward over few samples; no gradient, no Hessian. Of a group √(Σs²/n), without
 * what reads only some columns of a matrix, or is only some rows of a diagonal.
 */
export const wanda: WeightCriterion = {
  judges: 'weights',
  needs: ['inputNorms'],
  combine: 'rootMeanSquare',
  scores: ({ view: { columns }, values, matrixName }, evidence) => {
    if (matrixName === undefined) return undefined;
    const norms = evidenceOf(evidence, 'inputNorms').get(matrixName);
    if (!norms) return columns === 1 ? values.map(Math.abs) : undefined;
    // Only of a diagonal there are more than columns: one a row.
    const inputs = norms.length === columns ? columns : values.length;
    if (norms.length !== inputs) return undefined;
    return values.map((value, i) => Math.abs(value) * norms[i % inputs]);
  },
};
