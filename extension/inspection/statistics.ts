import type { GateView } from '../model/gateView.ts';
import type { Parameter } from '../model/parameter.ts';
import type { MatrixStatistics } from '../protocol/report.ts';
import type { Block, Blocks } from './blocks.ts';
import type { MagnitudeKernel, MagnitudeSums } from './magnitudeKernel.ts';
import { extentOf } from './runs.ts';
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

/** Bits of magnitudes from `from` to below `to`. */
interface Range {
  readonly from: number;
  readonly to: number;
}

/** What is known of one gate while its values go by. */
interface Tally extends MagnitudeSums {
  below: number;
  readonly between: Int32Array[];
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
  const tallies = views.map((): Tally => ({ sum: 0, zeros: 0, largest: 0, below: 0, between: [] }));
  const sizes = views.map(({ rows, columns }) => rows * columns);
  let expected: Range | undefined;
  let [seen, kept] = [0, 0];
  await forEachBlock(views, inspector, (block, gates) => {
    for (const g of gates) {
      for (const stretch of stretchesOf(views[g], block, inspector.kernel.scratch)) {
        inspector.kernel.add(stretch.values, stretch, tallies[g]);
        if (!expected) seen += stretch.runs * stretch.length;
      }
      watch?.(views[g], block);
    }
    expected ??= around(nearShare * (sum(tallies.map((tally) => tally.sum)) / seen));
    if (kept <= mostKept) kept += sortOut(views, tallies, gates, block, inspector.kernel, expected);
  });
  const total = sum(sizes);
  const bound = boundOf(total === 0 ? 0 : (nearShare * sum(tallies.map((tally) => tally.sum))) / total);
  if (expected && (bound < expected.from || bound > expected.to || kept > mostKept)) {
    for (const tally of tallies) Object.assign(tally, { below: 0, between: [] });
    const exact = { from: bound, to: bound };
    await forEachBlock(views, inspector, (block, gates) =>
      sortOut(views, tallies, gates, block, inspector.kernel, exact),
    );
  }
  return tallies.map((tally, g) => described(tally, sizes[g], bound));
}

function described(
  { sum, zeros, largest, below, between }: Tally,
  size: number,
  bound: number,
): MatrixStatistics {
  let nearZero = below;
  for (const bits of between) for (const one of bits) if (one < bound) nearZero++;
  return {
    size,
    zeros,
    sparsity: size === 0 ? 0 : zeros / size,
    meanAbs: size === 0 ? 0 : sum / size,
    maxAbs: new Float32Array(Int32Array.of(largest).buffer)[0],
    nearZero,
  };
}

/** Gives how many values were kept. */
function sortOut(
  views: readonly GateView[],
  tallies: readonly Tally[],
  gates: readonly number[],
  block: Block,
  kernel: MagnitudeKernel,
  { from, to }: Range,
): number {
  let kept = 0;
  for (const g of gates) {
    for (const stretch of stretchesOf(views[g], block, kernel.scratch)) {
      const { below, between } = kernel.sortOut(stretch.values, stretch, from, to);
      tallies[g].below += below;
      if (between.length > 0) tallies[g].between.push(between.slice());
      kept += between.length;
    }
  }
  return kept;
}

/** Visits the values of views parameter by parameter, with the numbers of the views that lie in it. */
async function forEachBlock(
  views: readonly GateView[],
  { blocks }: Inspector,
  visit: (block: Block, gates: readonly number[]) => void,
): Promise<void> {
  const byParameter = new Map<Parameter, number[]>();
  for (const [g, { parameter }] of views.entries())
    byParameter.set(parameter, [...(byParameter.get(parameter) ?? []), g]);
  for (const [parameter, gates] of byParameter) {
    const extents = gates.map((g) => extentOf(views[g]));
    const from = Math.min(...extents.map(([from]) => from));
    const to = Math.max(...extents.map(([, to]) => to));
    for await (const block of blocks.of(parameter, from, to)) visit(block, gates);
  }
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
