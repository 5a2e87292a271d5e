import { logSumExp, sigmoid, softplus } from '../engine/losses/activations.ts';
import { forEachRow } from '../engine/losses/rows.ts';
import type { HeadKind } from '../model/loss.ts';
import type { Tensor } from '../model/tensor.ts';
import type { Divergence } from '../protocol/report.ts';

/** How far outputs are apart, and by which measure. */
export type Distance = Pick<Divergence, 'value' | 'kind'>;

/**
 * How far the pruned model's outputs are from the original's on the same inputs; both [B, …, C] before the head. Softmax:
 * KL(original ‖ pruned), the mean over rows. Sigmoid: the same of each output as a Bernoulli variable, the mean over rows
 * and outputs. Linear: squared error over the variance of the original's outputs, each output about its own mean;
 * undefined where these do not vary. Rows whose step is 0 in the mask [B, T] do not count, nor do those of which the original
 * is no finite number somewhere; undefined where none is left. Infinite where the pruned model alone puts out none. Never NaN.
 */
export function divergenceOf(
  original: Tensor,
  pruned: Tensor,
  head: HeadKind,
  mask?: Tensor,
): Distance | undefined {
  const meter = new DivergenceMeter(head);
  meter.add(original, pruned, mask);
  return meter.result();
}

/** The same over batches. */
export class DivergenceMeter {
  readonly #head: HeadKind;
  #rows = 0;
  /** Of divergences, or of squared errors. */
  #sum = 0;
  #spread: Spread | undefined;

  constructor(head: HeadKind) {
    this.#head = head;
  }

  add(original: Tensor, pruned: Tensor, mask?: Tensor): void {
    if (original.shape.join() !== pruned.shape.join()) throw new Error('outputs of two shapes');
    // An output [B] is one number a sample.
    const width = original.shape.length > 1 ? original.shape[original.shape.length - 1] : 1;
    const p = new Float64Array(width);
    const q = new Float64Array(width);
    const distance = distances[this.#head];
    if (this.#head === 'linear') this.#spread ??= new Spread(width);
    forEachRow(original.data.length / width, mask?.data, (row) => {
      for (let c = 0; c < width; c++) {
        p[c] = original.data[row * width + c];
        q[c] = pruned.data[row * width + c];
      }
      if (!p.every(Number.isFinite)) return;
      this.#rows++;
      this.#sum += distance(p, q);
      this.#spread?.add(p);
    });
  }

  result(): Distance | undefined {
    if (this.#rows === 0) return undefined;
    const sum = Number.isNaN(this.#sum) ? Number.POSITIVE_INFINITY : this.#sum;
    // Rounding may leave the divergence of equals a hair below 0.
    if (!this.#spread) return { value: Math.max(0, sum / this.#rows), kind: 'kl' };
    const variance = this.#spread.sum();
    return variance > 0 ? { value: sum / variance, kind: 'relative-mse' } : undefined;
  }
}

/** Of two rows before the head. */
const distances: Record<HeadKind, (p: Float64Array, q: Float64Array) => number> = {
  softmax: softmaxDivergence,
  sigmoid: sigmoidDivergence,
  linear: (p, q) => p.reduce((sum, value, c) => sum + (value - q[c]) ** 2, 0),
};

/** Σ P (log P − log Q) of two rows of logits. */
function softmaxDivergence(p: Float64Array, q: Float64Array): number {
  const allP = logSumExp(p);
  const allQ = logSumExp(q);
  let sum = 0;
  for (let c = 0; c < p.length; c++) sum += Math.exp(p[c] - allP) * (p[c] - allP - (q[c] - allQ));
  return sum;
}

/** log σ(z) = −softplus(−z) and log(1 − σ(z)) = −softplus(z). */
function sigmoidDivergence(p: Float64Array, q: Float64Array): number {
  let sum = 0;
  for (let c = 0; c < p.length; c++) {
    sum += sigmoid(p[c]) * (softplus(-q[c]) - softplus(-p[c]));
    sum += sigmoid(-p[c]) * (softplus(q[c]) - softplus(p[c]));
  }
  return sum / p.length;
}

/** Squared deviations of each column from its own mean, added up in one pass (Welford 1962). */
class Spread {
  readonly #means: Float64Array;
  #rows = 0;
  #sum = 0;

  constructor(width: number) {
    this.#means = new Float64Array(width);
  }

  add(row: Float64Array): void {
    this.#rows++;
    for (let c = 0; c < row.length; c++) {
      const before = row[c] - this.#means[c];
      this.#means[c] += before / this.#rows;
      this.#sum += before * (row[c] - this.#means[c]);
    }
  }

  /** Over all columns. */
  sum(): number {
    return this.#sum;
  }
}
