import { logSumExp, sigmoid, softplus } from '../engine/losses/activations.ts';
import { forEachRow } from '../engine/losses/rows.ts';
import type { HeadKind } from '../model/loss.ts';
import type { Tensor } from '../model/tensor.ts';
import type { Divergence } from '../protocol/report.ts';

/**
 * How far the pruned model's outputs are from the original's on the same inputs; both [B, …, C] before the head. Softmax:
 * KL(original ‖ pruned), the mean over rows. Sigmoid: the same of each output as a Bernoulli variable, the mean over rows
 * and outputs. Linear: squared error over the variance of the original's outputs, each output about its own mean;
 * undefined where these do not vary. Rows whose step is 0 in the mask [B, T] do not count; undefined where none is left.
 */
export function divergenceOf(
  original: Tensor,
  pruned: Tensor,
  head: HeadKind,
  mask?: Tensor,
): Pick<Divergence, 'value' | 'kind'> | undefined {
  if (original.shape.join() !== pruned.shape.join()) throw new Error('outputs of two shapes');
  const width = original.shape.at(-1) ?? 1;
  const rows: number[] = [];
  forEachRow(original.data.length / width, mask?.data, (row) => rows.push(row));
  if (rows.length === 0) return undefined;
  if (head === 'linear') {
    const value = relativeError(original.data, pruned.data, width, rows);
    return value === undefined ? undefined : { value, kind: 'relative-mse' };
  }
  const divergence = head === 'softmax' ? softmaxDivergence : sigmoidDivergence;
  const p = new Float64Array(width);
  const q = new Float64Array(width);
  let sum = 0;
  for (const row of rows) {
    for (let c = 0; c < width; c++) {
      p[c] = original.data[row * width + c];
      q[c] = pruned.data[row * width + c];
    }
    sum += divergence(p, q);
  }
  // Rounding may leave the divergence of equals a hair below 0.
  return { value: Math.max(0, sum / rows.length), kind: 'kl' };
}

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

function relativeError(
  original: Tensor['data'],
  pruned: Tensor['data'],
  width: number,
  rows: readonly number[],
): number | undefined {
  let error = 0;
  let variance = 0;
  for (let c = 0; c < width; c++) {
    let mean = 0;
    for (const row of rows) mean += original[row * width + c] / rows.length;
    for (const row of rows) {
      const at = row * width + c;
      error += (original[at] - pruned[at]) ** 2;
      variance += (original[at] - mean) ** 2;
    }
  }
  return variance > 0 ? error / variance : undefined;
}
