import {
  type ConvNode,
  type PoolNode,
  type RowWindow,
  type StepWindow,
  stepTaps,
} from '../model/windowNodes.ts';
import { reachOf } from '../model/windowReach.ts';
import type { Shape } from './shape.ts';

/** Where a window stands over a sequence. */
export interface WindowPlaces {
  /** Number of places, which is that of the output's steps. */
  readonly count: number;
  /** Steps beyond the first one that the first place begins with; negative: so many are left out. */
  readonly before: number;
}

/**
 * The places of a window over `length` steps.
 * @param reach steps from the first to the last one that a window sees, both counted
 */
export function windowPlaces({ stride, padding }: StepWindow, length: number, reach: number): WindowPlaces {
  if (padding === 'same') {
    const count = Math.ceil(length / stride);
    // TensorFlow's rule: what does not divide evenly is put behind.
    const added = Math.max(0, (count - 1) * stride + reach - length);
    return { count, before: Math.floor(added / 2) };
  }
  const [before, after] = padding;
  const count = Math.floor((length + before + after - reach) / stride) + 1;
  return { count: Math.max(0, count), before };
}

/** The places of a window over images in their rows. */
export function rowPlaces(rows: RowWindow, height: number): WindowPlaces {
  return windowPlaces(rows, height, reachOf(rows.size, rows.dilation));
}

/** The places of a convolution over `length` steps. */
export function convPlaces(node: ConvNode, length: number): WindowPlaces {
  return windowPlaces(node, spreadLength(length, node.spread), reachOf(stepTaps(node), node.dilation));
}

/** Axes before the channels as a node's windows leave them. */
export function placesLeft(node: ConvNode | PoolNode, before: Shape): Shape {
  const steps = before.at(-1) ?? null;
  const places = (length: number) =>
    node.op === 'Conv' ? convPlaces(node, length) : windowPlaces(node, length, node.size);
  const left = before.with(-1, steps === null ? null : places(steps).count);
  const height = before.at(-2) ?? null;
  return node.rows ? left.with(-2, height === null ? null : rowPlaces(node.rows, height).count) : left;
}

/** How many axes a value may have that windows go over. */
export function windowRanks({ rows }: ConvNode | PoolNode): readonly number[] {
  return rows ? [4, 5] : [3, 4];
}

/** Steps of a sequence with `spread` − 1 more between all neighbours. */
export function spreadLength(length: number, spread: number): number {
  return length === 0 ? 0 : (length - 1) * spread + 1;
}
