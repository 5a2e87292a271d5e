import type { MatrixStatistics } from '../protocol/report.ts';
import { forEachPlace, type GateView } from './gateView.ts';

/** A value is near zero below this share of the mean magnitude of its whole matrix. */
const nearShare = 0.1;

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
    forEachPlace(view, (place) => {
      const value = values[g][place];
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
    forEachPlace(view, (place) => {
      const value = values[g][place];
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
