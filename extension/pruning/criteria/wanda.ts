import { evidenceOf, type WeightCriterion } from './criterion.ts';

/**
 * |w| · ‖x‖₂ / √n, x what the weight is multiplied with over n steps: for a kernel the layer's input, for a recurrent kernel the output one
 * step before (Sun et al., "A Simple and Effective Pruning Approach for Large Language Models", 2024). One pass forward over few
 * samples; no gradient, no Hessian. Of a group √(Σs²/n). Pieces without inputs, as biases, do not count.
 */
export const wanda: WeightCriterion = {
  judges: 'weights',
  needs: ['inputNorms'],
  combine: 'rootMeanSquare',
  scores: ({ view, values, matrixName }, evidence) => {
    const norms = matrixName === undefined ? undefined : evidenceOf(evidence, 'inputNorms').get(matrixName);
    if (!norms) return undefined;
    const { columns } = view;
    return values.map((value, i) => Math.abs(value) * norms[i % columns]);
  },
};
