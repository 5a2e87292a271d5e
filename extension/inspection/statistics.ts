import type { GateView } from '../model/gateView.ts';
import type { MatrixStatistics } from '../protocol/report.ts';
import type { Block, Blocks } from './blocks.ts';
import { type MagnitudeKernel, type MagnitudeSums, noRange, type Range } from './magnitudeKernel.ts';
import { spansOf } from './spans.ts';
import { stretchesOf } from './stretches.ts';

/** A value is near zero below this share of the mean magnitude of its whole matrix. */
const nearShare = 0.1;
/** The mean is known at the end only: so far around what the first block lets expect, values are kept to be counted then. */
const expectedWithin = 1.2;
/** No more values are kept: a matrix may have nearly all of them there. */
const mostKept = 2 ** 22;

/** What matrices are described with, one after the other. */
export interface Inspector {
  readonly blocks: Blocks;
  readonly kernel: MagnitudeKernel;
}

/** Sees every block of values on its way. */
export type Watch = (view: GateView, block: Block) => void;

/** What is known of one gate while its values go by. */
interface Tally extends MagnitudeSums {
  seen: number;
  /** The magnitudes in the range. */
  between: Float32Array[];
}

/**
 * Statistics of each gate of one matrix, whose values are in memory a block at a time.
 * @param views the gates' views
 */
export async function matrixStatistics(
  views: readonly GateView[],
  inspector: Inspector,
  watch?: Watch,
): Promise<MatrixStatistics[]> {
  const tallies = views.map(nothingSeen);
  let expected: Range | undefined;
  let kept = 0;
  await forEachBlock(views, inspector, (block, gates) => {
    const takeIn = (range: Range, into: readonly Tally[]) => {
      for (const g of gates) kept += add(views[g], block, inspector.kernel, range, into[g]);
    };
    takeIn(kept > mostKept ? noRange : (expected ?? noRange), tallies);
    for (const g of gates) watch?.(views[g], block);
    if (expected) return;
    // The first block tells what to expect, so it is sorted out behind that.
    expected = around(limitOf(tallies));
    const sorted = views.map(nothingSeen);
    takeIn(expected, sorted);
    replaceSorted(tallies, sorted);
  });
  const bound = boundOf(limitOf(tallies));
  if (expected && (bound < expected.from || bound > expected.to || kept > mostKept)) {
    const sorted = views.map(nothingSeen);
    const exact = { from: bound, to: bound };
    await forEachBlock(views, inspector, (block, gates) => {
      for (const g of gates) add(views[g], block, inspector.kernel, exact, sorted[g]);
    });
    replaceSorted(tallies, sorted);
  }
  for (const tally of tallies) tally.below += countBelow(bound, tally.between, inspector.kernel);
  return tallies.map(described);
}

function nothingSeen(): Tally {
  return { sum: 0, zeros: 0, largest: 0, below: 0, seen: 0, between: [] };
}

/** Adds what a block holds of a view to a tally; gives how many magnitudes were kept. */
function add(view: GateView, block: Block, kernel: MagnitudeKernel, range: Range, tally: Tally): number {
  let kept = 0;
  for (const { values, ...stretch } of stretchesOf(view, block, kernel.scratch)) {
    const between = kernel.add(values, stretch, range, tally);
    tally.seen += stretch.runs * stretch.length;
    if (between.length > 0) tally.between.push(between.slice());
    kept += between.length;
  }
  return kept;
}

function replaceSorted(tallies: readonly Tally[], sorted: readonly Tally[]): void {
  for (const [g, { below, between }] of sorted.entries()) Object.assign(tallies[g], { below, between });
}

/** Below it a value is near zero. */
function limitOf(tallies: readonly Tally[]): number {
  const seen = sum(tallies.map((tally) => tally.seen));
  return seen === 0 ? 0 : (nearShare * sum(tallies.map((tally) => tally.sum))) / seen;
}

/** How many magnitudes have bits below a bound. */
function countBelow(bound: number, magnitudes: readonly Float32Array[], kernel: MagnitudeKernel): number {
  const tally = nothingSeen();
  for (const values of magnitudes) {
    kernel.scratch.set(values);
    const all = { start: 0, runs: 1, length: values.length, stride: 0 };
    kernel.add(kernel.scratch, all, { from: bound, to: bound }, tally);
  }
  return tally.below;
}

function described({ sum, zeros, largest, below, seen }: Tally): MatrixStatistics {
  return {
    size: seen,
    zeros,
    sparsity: seen === 0 ? 0 : zeros / seen,
    meanAbs: seen === 0 ? 0 : sum / seen,
    maxAbs: new Float32Array(Int32Array.of(largest).buffer)[0],
    nearZero: below,
  };
}

/** Visits the values of views block by block, with the numbers of the views that lie in it. */
async function forEachBlock(
  views: readonly GateView[],
  { blocks }: Inspector,
  visit: (block: Block, gates: readonly number[]) => void,
): Promise<void> {
  for (const { gates, ...span } of spansOf(views))
    for await (const block of blocks.of(span)) visit(block, gates);
}

function around(limit: number): Range {
  return { from: boundOf(limit / expectedWithin), to: boundOf(limit * expectedWithin) };
}

/** Bits of the least float that is not below a limit; 0 itself is below any, and nothing else below NaN. */
function boundOf(limit: number): number {
  if (Number.isNaN(limit)) return 1;
  const rounded = Float32Array.of(limit);
  const [bits] = new Int32Array(rounded.buffer);
  return Math.max(1, rounded[0] < limit ? bits + 1 : bits);
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
