/** The larger of two exponents pulled out of a sum: log Σ exp(z), without overflow. */
export function logSumExp(z: Float64Array): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < z.length; c++) top = Math.max(top, z[c]);
  let sum = 0;
  for (let c = 0; c < z.length; c++) sum += Math.exp(z[c] - top);
  return top + Math.log(sum);
}

/** log(1 + exp(z)), without overflow. */
export function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

export function sigmoid(z: number): number {
  // The branch keeps the exponent negative.
  if (z >= 0) return 1 / (1 + Math.exp(-z));
  const e = Math.exp(z);
  return e / (1 + e);
}

/** In place over the whole array. */
export function applySoftmax(z: Float64Array): void {
  const all = logSumExp(z);
  for (let c = 0; c < z.length; c++) z[c] = Math.exp(z[c] - all);
}

/** In place. */
export function applySigmoid(z: Float64Array): void {
  for (let c = 0; c < z.length; c++) z[c] = sigmoid(z[c]);
}
