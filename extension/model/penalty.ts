import type { ValueName } from './graph.ts';

/** λ₁ · Σ|w| + λ₂ · Σw². */
export interface NormPenalty {
  readonly l1: number;
  readonly l2: number;
}

/** A factor times the mean |cos| of the angles between the rows, or the columns, of a matrix (Keras' OrthogonalRegularizer). */
export interface OrthogonalPenalty {
  readonly orthogonal: 'rows' | 'columns';
  readonly factor: number;
}

/** What a regularizer of the file adds to the loss for a weight. */
export type Penalty = NormPenalty | OrthogonalPenalty;

/** What one adds for a value of the graph [B, …]: the mean over the samples, masked steps included. */
export interface ActivityPenalty extends NormPenalty {
  readonly value: ValueName;
  /** For messages. */
  readonly layer: string;
}

/**
 * The penalty of a weight, in float64.
 * @param gradient takes what it changes by with each value, added to what is there
 */
export function penaltyOf(
  penalty: Penalty,
  shape: readonly number[],
  values: Float32Array,
  gradient?: Float32Array,
): number {
  return 'orthogonal' in penalty
    ? orthogonalPenalty(penalty, shape, values, gradient)
    : normPenalty(penalty, values, gradient);
}

/** λ₁ · Σ|x| + λ₂ · Σx² of any values. */
export function normPenalty(
  { l1, l2 }: NormPenalty,
  values: ArrayLike<number>,
  gradient?: Float32Array,
): number {
  let [absolute, squared] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    absolute += Math.abs(value);
    squared += value * value;
    if (gradient) gradient[i] += l1 * Math.sign(value) + 2 * l2 * value;
  }
  return l1 * absolute + l2 * squared;
}

/** Keras normalises by no less than this. */
const leastNorm = 1e-7;

/** With unit vectors u of the n rows or columns: factor · Σ_{i≠j} |u_i · u_j| / (n (n − 1)). */
function orthogonalPenalty(
  { orthogonal, factor }: OrthogonalPenalty,
  [rows, columns]: readonly number[],
  values: Float32Array,
  gradient: Float32Array | undefined,
): number {
  const byRows = orthogonal === 'rows';
  const [count, length] = byRows ? [rows, columns] : [columns, rows];
  const at = (vector: number, k: number) => (byRows ? vector * columns + k : k * columns + vector);
  const units = new Float64Array(count * length);
  const norms = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let square = 0;
    for (let k = 0; k < length; k++) square += values[at(i, k)] ** 2;
    norms[i] = Math.max(Math.sqrt(square), leastNorm);
    for (let k = 0; k < length; k++) units[i * length + k] = values[at(i, k)] / norms[i];
  }
  const scale = factor / (count * (count - 1));
  const pull = new Float64Array(length);
  let sum = 0;
  for (let i = 0; i < count; i++) {
    pull.fill(0);
    for (let j = 0; j < count; j++) {
      if (j === i) continue;
      let product = 0;
      for (let k = 0; k < length; k++) product += units[i * length + k] * units[j * length + k];
      sum += Math.abs(product);
      if (gradient)
        for (let k = 0; k < length; k++) pull[k] += 2 * Math.sign(product) * units[j * length + k];
    }
    if (!gradient) continue;
    // What would only make the vector longer is no change of its direction.
    let along = 0;
    for (let k = 0; k < length; k++) along += pull[k] * units[i * length + k];
    for (let k = 0; k < length; k++)
      gradient[at(i, k)] += (scale * (pull[k] - along * units[i * length + k])) / norms[i];
  }
  return scale * sum;
}
