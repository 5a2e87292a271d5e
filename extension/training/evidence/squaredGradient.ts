import type { GradientResult } from '../../engine/session.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { Parameter } from '../../model/parameter.ts';
import { type GradientSum, ParameterSums } from './sums.ts';

/** E[g²] over the gradients g of single samples' mean losses: the diagonal of the empirical Fisher information. */
export class MeanSquaredGradient implements GradientSum {
  readonly #sums: ParameterSums;
  #samples = 0;

  constructor(parameters: Iterable<Parameter>) {
    this.#sums = new ParameterSums(parameters);
  }

  add({ gradients, rows }: Pick<GradientResult, 'gradients' | 'rows'>): void {
    if (rows === 0) return;
    this.#samples++;
    for (const [parameter, gradient] of gradients) {
      const sum = this.#sums.of(parameter);
      for (let i = 0; i < sum.length; i++) sum[i] += gradient[i] * gradient[i];
    }
  }

  result(): Evidence {
    return { squaredGradient: this.#sums.over(this.#samples) };
  }
}
