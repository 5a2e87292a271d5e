import * as tf from '@tensorflow/tfjs-core';

/** Sizes of query [B,Q,D] and key [B,T,D]. */
interface Sizes {
  readonly batch: number;
  readonly queries: number;
  readonly steps: number;
  readonly width: number;
}

/**
 * Scores [B,Q,T] of additive attention, Σ scale · tanh(query + key) over D (Bahdanau et al. 2015). In plain loops: the sums are D
 * times as large as the scores, so they are never kept, and computed again on the way back.
 */
export function additiveScores(query: tf.Tensor3D, key: tf.Tensor3D, scale: tf.Tensor): tf.Tensor {
  const [batch, queries, width] = query.shape;
  const sizes = { batch, queries, steps: key.shape[1], width };
  const compute = tf.customGrad((q, k, s, save) => {
    const tensors = [q, k, s] as tf.Tensor[];
    (save as tf.GradSaveFunc)(tensors);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
      differentiate(dy.dataSync() as Float32Array, saved, sizes).map((gradient, i) =>
        tf.tensor(gradient, saved[i].shape),
      );
    return { value: tf.tensor(scoresOf(tensors, sizes), [batch, queries, sizes.steps]), gradFunc };
  });
  return compute(query, key, scale);
}

function scoresOf(tensors: readonly tf.Tensor[], sizes: Sizes): Float32Array {
  const scores = new Float32Array(sizes.batch * sizes.queries * sizes.steps);
  const [, , scale] = tensors.map((tensor) => tensor.dataSync());
  eachPair(tensors, sizes, (score, _q, _k, tanh) => {
    let sum = 0;
    for (let d = 0; d < tanh.length; d++) sum += scale[d] * tanh[d];
    scores[score] = sum;
  });
  return scores;
}

function differentiate(dy: Float32Array, tensors: readonly tf.Tensor[], sizes: Sizes): Float32Array[] {
  const gradients = tensors.map(({ size }) => new Float64Array(size));
  const [dq, dk, ds] = gradients;
  const [, , scale] = tensors.map((tensor) => tensor.dataSync());
  eachPair(tensors, sizes, (score, q, k, tanh) => {
    const slope = dy[score];
    for (let d = 0; d < tanh.length; d++) {
      const inner = slope * scale[d] * (1 - tanh[d] * tanh[d]);
      dq[q + d] += inner;
      dk[k + d] += inner;
      ds[d] += slope * tanh[d];
    }
  });
  return gradients.map((gradient) => Float32Array.from(gradient));
}

/** Where float64 still holds e to the power of twice the value, and of minus that. */
const farthest = 350;

/**
 * Visits every query with every step: the place of their score, those of their first values, and tanh of their sum [D]. By
 * tanh(a + b) = 1 − 2 / (1 + exp(2a) exp(2b)), one exponential serves a whole row of pairs.
 */
function eachPair(
  [queryTensor, keyTensor]: readonly tf.Tensor[],
  { batch, queries, steps, width }: Sizes,
  visit: (score: number, query: number, key: number, tanh: Float64Array) => void,
): void {
  const [query, key] = [queryTensor, keyTensor].map((tensor) => tensor.dataSync());
  const near = [query, key].every((values) => values.every((value) => Math.abs(value) < farthest));
  const [left, right] = [query, key].map((values) =>
    near ? Float64Array.from(values, (value) => Math.exp(2 * value)) : Float64Array.from(values),
  );
  const tanh = new Float64Array(width);
  for (let pair = 0; pair < batch * queries; pair++) {
    const q = pair * width;
    const first = Math.floor(pair / queries) * steps;
    for (let t = 0; t < steps; t++) {
      const k = (first + t) * width;
      if (near) for (let d = 0; d < width; d++) tanh[d] = 1 - 2 / (1 + left[q + d] * right[k + d]);
      else for (let d = 0; d < width; d++) tanh[d] = Math.tanh(left[q + d] + right[k + d]);
      visit(pair * steps + t, q, k, tanh);
    }
  }
}
