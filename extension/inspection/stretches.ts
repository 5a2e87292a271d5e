import { type GateView, type Layout, layoutOf } from '../model/gateView.ts';
import type { Block } from './blocks.ts';
import type { Stretch } from './magnitudeKernel.ts';
import { type Run, runsWithin } from './runs.ts';

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
  if (layout.step === 1) {
    for (const stretch of wholeAndCut(layout, from, from + values.length))
      yield { ...stretch, start: stretch.start - from, values };
    return;
  }
  for (const run of runsWithin(layout, from, from + values.length))
    yield gatheredRun(run, layout.step, block, scratch);
}

/** The runs at the places [from, to): perhaps the end of one, those that are whole, together, and perhaps the start of one. */
function* wholeAndCut(
  { offset, runs, stride, length }: Layout,
  from: number,
  to: number,
): Generator<Stretch> {
  const step = Math.max(1, stride);
  const begin = (run: number) => offset + run * stride;
  const isWhole = (run: number) => begin(run) >= from && begin(run) + length <= to;
  const cut = (run: number): Stretch => {
    const start = Math.max(from, begin(run));
    return { start, runs: 1, length: Math.min(to, begin(run) + length) - start, stride };
  };
  let first = Math.max(0, Math.ceil((from - offset - length + 1) / step));
  let last = length === 0 ? -1 : Math.min(runs - 1, Math.floor((to - 1 - offset) / step));
  if (first <= last && !isWhole(first)) yield cut(first++);
  const tail = first <= last && !isWhole(last) ? cut(last--) : undefined;
  if (first <= last) yield { start: begin(first), runs: last - first + 1, length, stride };
  if (tail) yield tail;
}

function gatheredRun(
  { start, length }: Run,
  step: number,
  { from, values }: Block,
  scratch: Float32Array,
): PlacedStretch {
  for (let i = 0, at = start - from; i < length; i++, at += step) scratch[i] = values[at];
  return { start: 0, runs: 1, length, stride: 0, values: scratch };
}
