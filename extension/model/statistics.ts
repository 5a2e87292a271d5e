import type { MatrixStatistics } from '../protocol/report.ts';
import { forEachPlaceRun, type GateView } from './gateView.ts';

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
    return { ...sumsOf(view, values[g]), size: view.rows * view.columns };
  });
  const total = sums.reduce((all, { sum }) => all + sum, 0);
  const count = sums.reduce((all, { size }) => all + size, 0);
  const limit = count === 0 ? 0 : (nearShare * total) / count;
  return views.map((view, g) => {
    const { sum, max, zeros, size } = sums[g];
    return {
      size,
      zeros,
      sparsity: size === 0 ? 0 : zeros / size,
      meanAbs: size === 0 ? 0 : sum / size,
      maxAbs: max,
      nearZero: nearZeros(view, values[g], limit),
    };
  });
}

function sumsOf(view: GateView, values: Float32Array): { sum: number; max: number; zeros: number } {
  let [sum, max, zeros] = [0, 0, 0];
  forEachPlaceRun(view, (start, length, step) => {
    // Kept apart from what the closure shares, or every value would be written to memory.
    let [ownSum, ownMax, ownZeros] = [0, max, 0];
    for (let i = 0, at = start; i < length; i++, at += step) {
      const size = Math.abs(values[at]);
      ownSum += size;
      if (size > ownMax || Number.isNaN(size)) ownMax = size;
      if (size === 0) ownZeros++;
    }
    sum += ownSum;
    max = ownMax;
    zeros += ownZeros;
  });
  return { sum, max, zeros };
}

function nearZeros(view: GateView, values: Float32Array, limit: number): number {
  let near = 0;
  forEachPlaceRun(view, (start, length, step) => {
    let own = 0;
    for (let i = 0, at = start; i < length; i++, at += step) {
      const size = Math.abs(values[at]);
      if (size === 0 || size < limit) own++;
    }
    near += own;
  });
  return near;
}

/** Sets `live` to 1 for the rows that have a value other than 0; rows that are marked already are not looked at. */
export function markLiveRows(view: GateView, values: Float32Array, live: Uint8Array): void {
  const { rows, columns, offset, rowStride, columnStride } = view;
  const unknown = [...live.keys()].filter((row) => row < rows && live[row] === 0);
  if (columnStride <= rowStride) {
    for (const row of unknown) {
      const start = offset + row * rowStride;
      for (let column = 0; column < columns && live[row] === 0; column++)
        if (values[start + column * columnStride] !== 0) live[row] = 1;
    }
    return;
  }
  // Along memory here, too; most rows are found to live in the first columns.
  let left = unknown;
  for (let column = 0; column < columns && left.length > 0; column++) {
    const start = offset + column * columnStride;
    for (const row of left) if (values[start + row * rowStride] !== 0) live[row] = 1;
    left = left.filter((row) => live[row] === 0);
  }
}
