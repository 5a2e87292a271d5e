import { type GateView, type Layout, layoutOf } from '../model/gateView.ts';

/** Values of a view that lie its layout's step apart, from place `start` of the parameter's values on. */
export interface Run {
  readonly start: number;
  readonly length: number;
  /** That of the first. */
  readonly row: number;
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
    yield { start: begin + skipped * step, length: end - skipped, row: isByRow ? run : skipped };
  }
}
