import type { GateView } from '../model/gateView.ts';
import type { Block } from './blocks.ts';
import type { Stretch } from './magnitudeKernel.ts';
import { type Layout, layoutOf, type Run, runsWithin } from './runs.ts';

/** A stretch, and the memory of the kernels that it lies in. */
export interface PlacedStretch extends Stretch {
  readonly values: Float32Array;
}

/**
 * What a block holds of a view, as stretches of values side by side: runs of equal length together.
 * @param scratch where values are gathered that do not lie side by side; it holds until the next stretch
 */
export function* stretchesOf(view: GateView, block: Block, scratch: Float32Array): Generator<PlacedStretch> {
  const layout = layoutOf(view);
  const { from, values } = block;
  const runs = runsWithin(layout, from, from + values.length);
  if (layout.step !== 1) {
    for (const run of runs) yield gatheredRun(run, block, scratch);
    return;
  }
  let open: { start: number; runs: number; length: number } | undefined;
  for (const { start, length } of runs) {
    if (open && open.length === length && continues(open, start, layout)) {
      open.runs++;
      continue;
    }
    if (open) yield { ...open, start: open.start - from, stride: layout.stride, values };
    open = { start, runs: 1, length };
  }
  if (open) yield { ...open, start: open.start - from, stride: layout.stride, values };
}

function continues(open: { start: number; runs: number }, start: number, { stride }: Layout): boolean {
  return start === open.start + open.runs * stride;
}

function gatheredRun(
  { start, length, step }: Run,
  { from, values }: Block,
  scratch: Float32Array,
): PlacedStretch {
  for (let i = 0, at = start - from; i < length; i++, at += step) scratch[i] = values[at];
  return { start: 0, runs: 1, length, stride: 0, values: scratch };
}
