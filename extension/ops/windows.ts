import type { StepWindow } from '../model/windowNodes.ts';

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

/** Steps of a sequence with `spread` − 1 more between all neighbours. */
export function spreadLength(length: number, spread: number): number {
  return length === 0 ? 0 : (length - 1) * spread + 1;
}
