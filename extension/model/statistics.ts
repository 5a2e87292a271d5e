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

/**
 * Magnitudes of floats are in the order of their bits without the sign, NaN behind infinity. What is asked of those alone needs no branch,
 * which between random zeros would be guessed wrong at every other value.
 */
function bitsOf(values: Float32Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length);
}

const unsigned = 0x7fffffff;

function sumsOf(view: GateView, values: Float32Array): { sum: number; max: number; zeros: number } {
  const bits = bitsOf(values);
  let [sum, max, zeros] = [0, 0, 0];
  forEachPlaceRun(view, (start, length, step) => {
    // Kept apart from what the closure shares, or every value would be written to memory.
    let ownSum = 0;
    let ownMax = max;
    let ownZeros = 0;
    const end = start + length * step;
    for (let at = start; at < end; at += step) {
      ownSum += Math.abs(values[at]);
      const size = bits[at] & unsigned;
      if (size > ownMax) ownMax = size;
      ownZeros = (ownZeros + ((size - 1) >>> 31)) | 0;
    }
    sum += ownSum;
    max = ownMax;
    zeros += ownZeros;
  });
  return { sum, max: new Float32Array(Int32Array.of(max).buffer)[0], zeros };
}

/** How many values are 0 or have a magnitude below the limit. */
function nearZeros(view: GateView, values: Float32Array, limit: number): number {
  const bits = bitsOf(values);
  const bound = boundOf(limit);
  let near = 0;
  forEachPlaceRun(view, (start, length, step) => {
    let own = 0;
    const end = start + length * step;
    // Of a negative difference the sign bit is 1. `| 0` tells V8 that the count stays an integer.
    for (let at = start; at < end; at += step) own = (own + (((bits[at] & unsigned) - bound) >>> 31)) | 0;
    near += own;
  });
  return near;
}

/** Bits of the least float that is not below a limit; 0 itself is below any, and nothing else below NaN. */
function boundOf(limit: number): number {
  if (Number.isNaN(limit)) return 1;
  const rounded = Float32Array.of(limit);
  const [bits] = bitsOf(rounded);
  return Math.max(1, rounded[0] < limit ? bits + 1 : bits);
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
