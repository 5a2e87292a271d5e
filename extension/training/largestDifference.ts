import type { Tensor } from '../model/tensor.ts';

/**
 * The largest difference of two tensors of one shape over the standard deviation of all finite values of the first, or over the largest of
 * them where they do not vary. Infinite where at some place one alone is finite, or an infinity stands beside another or beside NaN. Places
 * that are NaN in both say nothing; NaN where there are no others.
 */
export function largestDifference(original: Tensor, other: Tensor): number {
  if (original.shape.join() !== other.shape.join()) throw new Error('outputs of two shapes');
  const [values, others] = [original.data, other.data];
  let [largest, peak, mean, squares, count] = [0, 0, 0, 0, 0];
  let told = false;
  for (const [i, value] of values.entries()) {
    if (Number.isNaN(value) && Number.isNaN(others[i])) continue;
    told = true;
    if (!Number.isFinite(value) || !Number.isFinite(others[i])) {
      if (value === others[i]) continue;
      return Number.POSITIVE_INFINITY;
    }
    largest = Math.max(largest, Math.abs(value - others[i]));
    peak = Math.max(peak, Math.abs(value));
    // Welford 1962.
    count++;
    const before = value - mean;
    mean += before / count;
    squares += before * (value - mean);
  }
  if (!told) return Number.NaN;
  if (largest === 0) return 0;
  return largest / (Math.sqrt(squares / count) || peak);
}
