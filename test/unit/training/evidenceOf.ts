import assert from 'node:assert/strict';
import type { Loss } from '../../../extension/model/loss.ts';

export const squaredError = (width: number): Loss => ({
  name: 'mean_squared_error',
  head: 'linear',
  width,
  fromLogits: false,
});

/** Within 1e-5 of the value, or of 1. */
export function assertNear(
  found: ArrayLike<number> | undefined,
  expected: readonly number[],
  what = '',
): void {
  assert.equal(found?.length, expected.length, what);
  for (const [i, value] of expected.entries()) {
    const off = Math.abs((found as ArrayLike<number>)[i] - value);
    assert.ok(off <= 1e-5 * Math.max(1, Math.abs(value)), `${what}[${i}] is ${found?.[i]}, not ${value}`);
  }
}
