import type { GateView } from '../model/gateView.ts';

/** Values of a view that lie `step` apart, from place `start` of the parameter's values on. */
export interface Run {
  readonly start: number;
  readonly length: number;
  readonly step: number;
  /** Row and column of the first. */
  readonly row: number;
  readonly column: number;
}

/**
 * Where a view lies along memory: runs of equal length, each a row or a column of the matrix, whichever has its values nearer to each
 * other.
 */
export interface Layout {
  readonly offset: number;
  readonly isByRow: boolean;
  readonly runs: number;
  /** Places from one run's first value to the next one's. */
  readonly stride: number;
  readonly length: number;
  readonly step: number;
}

export function layoutOf({ rows, columns, offset, rowStride, columnStride }: GateView): Layout {
  // Of one row or column the stride between them says nothing.
  const isByRow = columns > 1 && (rows === 1 || columnStride <= rowStride);
  return isByRow
    ? { offset, isByRow, runs: rows, stride: rowStride, length: columns, step: columnStride }
    : { offset, isByRow, runs: columns, stride: columnStride, length: rows, step: rowStride };
}

/** The first place of a view, and the one behind its last. */
export function extentOf(view: GateView): readonly [from: number, to: number] {
  const { offset, runs, stride, length, step } = layoutOf(view);
  if (runs === 0 || length === 0) return [offset, offset];
  return [offset, offset + (runs - 1) * stride + (length - 1) * step + 1];
}

/** The runs of a layout, or what of them lies at the places [from, to), in the order of memory. */
export function* runsWithin(layout: Layout, from: number, to: number): Generator<Run> {
  const { offset, isByRow, runs, stride, length, step } = layout;
  if (runs === 0 || length === 0) return;
  const reach = (length - 1) * step;
  const first = Math.max(0, Math.ceil((from - offset - reach) / Math.max(1, stride)));
  for (let run = first; run < runs; run++) {
    const begin = offset + run * stride;
    if (begin >= to) return;
    const skipped = Math.max(0, Math.ceil((from - begin) / step));
    const end = Math.min(length, Math.ceil((to - begin) / step));
    if (end <= skipped) continue;
    const place = isByRow ? { row: run, column: skipped } : { row: skipped, column: run };
    yield { start: begin + skipped * step, length: end - skipped, step, ...place };
  }
}
