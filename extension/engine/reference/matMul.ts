/** C [m, n] = A · B + bias, summed in float64; A is [m, k] or its transpose, B [k, n] or its transpose. */
export function matMul(
  { m, n, k }: { readonly m: number; readonly n: number; readonly k: number },
  a: Float32Array,
  transposeA: boolean,
  b: Float32Array,
  transposeB: boolean,
  bias?: Float32Array,
): Float32Array {
  const c = new Float32Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = bias ? bias[j] : 0;
      for (let p = 0; p < k; p++) {
        sum += a[transposeA ? p * m + i : i * k + p] * b[transposeB ? j * k + p : p * n + j];
      }
      c[i * n + j] = sum;
    }
  }
  return c;
}

/** Sum over the rows of [rows, columns], in float64. */
export function sumRows(source: Float32Array, columns: number): Float32Array {
  const sums = new Float64Array(columns);
  for (const [i, value] of source.entries()) sums[i % columns] += value;
  return Float32Array.from(sums);
}
