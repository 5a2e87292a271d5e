import { isOfClasses, type Loss, partOf } from '../../model/loss.ts';
import { targetEntropy } from './entropy.ts';
import { isCounted } from './optional.ts';
import { countSamples, type Parts, partLosses } from './parts.ts';
import { headGradient } from './rowGradient.ts';
import { applyHead, rowLossOf } from './rowLoss.ts';
import { forEachRow } from './rows.ts';
import { checkTargets } from './targets.ts';

type Values = Float32Array | Int32Array | Uint8Array;

/** The loss of one batch: its targets, and the rows of them that count. */
export class BatchLoss {
  /** Rows that count. */
  readonly count: number;
  readonly #loss: Loss;
  readonly #targets: Values;
  readonly #mask: Values | undefined;
  readonly #targetWidth: number;
  readonly #samples: number;

  /**
   * @param targets [rows, C], [rows] class indices, or [samples, L] labels of sequences
   * @param mask [rows], or shorter where several rows belong to one step; 0 = does not count
   */
  constructor(loss: Loss, targets: Values, mask?: Values, samples = 1) {
    this.#loss = loss;
    this.#targets = targets;
    this.#mask = mask;
    this.#targetWidth = isOfClasses(loss.name) ? 1 : loss.width;
    this.#samples = samples;
    this.count = partOf(loss) ? countSamples(loss, this.#parts) : this.#countRows();
  }

  get #parts(): Parts {
    return { samples: this.#samples, targets: this.#targets, mask: this.#mask };
  }

  #countRows(): number {
    let count = 0;
    this.#forEachRow(() => count++);
    return count;
  }

  /**
   * Mean over the rows that count, in float64. Throws `UserError` lossMismatch where a target cannot be.
   * @param outputs [rows, C]: logits where the loss takes them
   * @param gradient takes that of the mean with respect to the outputs; must be zeros
   */
  mean(outputs: Values, gradient?: Float32Array): number {
    const { width, head, fromLogits, divergence } = this.#loss;
    if (partOf(this.#loss)) {
      const share = gradient && { into: gradient, factor: 1 / this.count };
      return partLosses(this.#loss, this.#parts, outputs, share) / this.count;
    }
    const rowLoss = rowLossOf(this.#loss);
    const z = new Float64Array(width);
    const y = new Float64Array(this.#targetWidth);
    const dz = new Float64Array(width);
    let sum = 0;
    this.#forEachRow((row) => {
      for (let c = 0; c < width; c++) z[c] = outputs[row * width + c];
      for (let c = 0; c < y.length; c++) y[c] = this.#targets[row * y.length + c];
      checkTargets(this.#loss, y);
      if (!fromLogits) applyHead(z, head);
      sum += rowLoss(z, y, gradient && dz);
      if (divergence) sum -= targetEntropy(this.#loss, y);
      if (!gradient) return;
      if (!fromLogits) headGradient(z, dz, head);
      for (let c = 0; c < width; c++) gradient[row * width + c] = dz[c] / this.count;
    });
    const mean = sum / this.count;
    // Rounding may leave the divergence of equals a hair below 0.
    return divergence ? Math.max(0, mean) : mean;
  }

  #forEachRow(visit: (row: number) => void): void {
    forEachRow(this.#targets.length / this.#targetWidth, this.#mask, (row) => {
      if (isCounted(this.#loss, this.#targets, row)) visit(row);
    });
  }
}
