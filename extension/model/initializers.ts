import type { Random } from './random.ts';

/** Glorot & Bengio 2010: uniform within ±√(6 / (in + out)); [in, out]. Keras draws kernels so. */
export function glorot(inputs: number, outputs: number, random: Random): Float32Array {
  return uniform(inputs * outputs, Math.sqrt(6 / (inputs + outputs)), random);
}

/** Uniform within ±limit. */
export function uniform(count: number, limit: number, random: Random): Float32Array {
  return Float32Array.from({ length: count }, () => (2 * random.uniform() - 1) * limit);
}

/**
 * Saxe et al. 2014: rows [rows, columns] of length 1 at right angles, of random directions. Rows ≤ columns. Keras draws recurrent kernels
 * so.
 */
export function orthonormalRows(rows: number, columns: number, random: Random): Float32Array {
  const matrix: Float64Array[] = [];
  for (let r = 0; r < rows; r++) {
    const row = Float64Array.from({ length: columns }, () => random.normal());
    // Gram and Schmidt, twice over against what rounding leaves.
    for (let time = 0; time < 2; time++) {
      for (const other of matrix) {
        const along = dot(row, other);
        for (let c = 0; c < columns; c++) row[c] -= along * other[c];
      }
    }
    const length = Math.sqrt(dot(row, row));
    matrix.push(row.map((value) => value / length));
  }
  return Float32Array.from(matrix.flatMap((row) => [...row]));
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
