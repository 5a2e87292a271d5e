import type { GradientResult } from '../../engine/session.ts';
import type { Evidence } from '../../model/evidence.ts';
import type { Parameter } from '../../model/parameter.ts';
import { type GradientSum, ParameterSums } from './sums.ts';

/**
 * The gradient of the mean loss over all rows: that of each batch, weighted by its rows, so that it does not depend on how batches are cut.
 */
export class MeanGradient implements GradientSum {
  readonly #sums: ParameterSums;
  #rows = 0;

  constructor(parameters: Iterable<Parameter>) {
    this.#sums = new ParameterSums(parameters);
  }

  add({ gradients, rows }: Pick<GradientResult, 'gradients' | 'rows'>): void {
    if (rows === 0) return;
    this.#rows += rows;
    for (const [parameter, gradient] of gradients) {
      const sum = this.#sums.of(parameter);
      for (let i = 0; i < sum.length; i++) sum[i] += rows * gradient[i];
    }
  }

  result(): Evidence {
    return { gradient: this.#sums.over(this.#rows) };
  }
}
