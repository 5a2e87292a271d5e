import type { MatrixStatistics } from '../protocol/report.ts';
import type { GateView } from './gateView.ts';

/** A value is near zero below this share of the mean magnitude of its whole matrix. */
const nearShare = 0.1;

/** Walks a gate's values in the order of memory, which for a view of a large matrix is many times faster. */
function forEachValue(view: GateView, values: Float32Array, visit: (value: number) => void): void {
  const { rows, columns, offset, rowStride, columnStride } = view;
  const rowsInside = rowStride < columnStride;
  const [outer, outerStride] = rowsInside ? [columns, columnStride] : [rows, rowStride];
  const [inner, innerStride] = rowsInside ? [rows, rowStride] : [columns, columnStride];
  for (let a = 0; a < outer; a++) {
    for (let b = 0, at = offset + a * outerStride; b < inner; b++, at += innerStride) visit(values[at]);
  }
}

/**
 * Statistics of each gate of one matrix.
 * @param views the gates' views
 * @param values for each view, all values of its parameter
 */
export function matrixStatistics(
  views: readonly GateView[],
  values: readonly Float32Array[],
): MatrixStatistics[] {
  const sums = views.map((view, g) => {
    let [sum, max, zeros] = [0, 0, 0];
    forEachValue(view, values[g], (value) => {
      const size = Math.abs(value);
      sum += size;
      if (size > max || Number.isNaN(size)) max = size;
      if (value === 0) zeros++;
    });
    return { sum, max, zeros, size: view.rows * view.columns };
  });
  const total = sums.reduce((all, { sum }) => all + sum, 0);
  const count = sums.reduce((all, { size }) => all + size, 0);
  const limit = count === 0 ? 0 : (nearShare * total) / count;
  return views.map((view, g) => {
    const { sum, max, zeros, size } = sums[g];
    let near = 0;
    forEachValue(view, values[g], (value) => {
      if (value === 0 || Math.abs(value) < limit) near++;
    });
    return {
      size,
      zeros,
      sparsity: size === 0 ? 0 : zeros / size,
      meanAbs: size === 0 ? 0 : sum / size,
      maxAbs: max,
      nearZero: near,
    };
  });
}
