import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Tensor } from '../../../extension/model/tensor.ts';
import { largestDifference } from '../../../extension/training/largestDifference.ts';

const endless = Number.POSITIVE_INFINITY;
const row = (...values: number[]): Tensor => ({ shape: [values.length], data: Float32Array.from(values) });

describe('the largest difference of outputs', () => {
  test('is told in standard deviations of the original', () => {
    // Of 1 and 5 the standard deviation is 2.
    assert.equal(largestDifference(row(1, 5), row(1, 4)), 0.5);
  });

  test('is the same of outputs that are all so many times as large', () => {
    const original = row(1, 2, 4, 8);
    const other = row(1, 2, 4, 8.5);
    const small = (tensor: Tensor) => row(...[...tensor.data].map((value) => value / 1024));
    assert.equal(largestDifference(small(original), small(other)), largestDifference(original, other));
  });

  test('is 0 of equals, of those that do not vary, too', () => {
    assert.equal(largestDifference(row(3, 3), row(3, 3)), 0);
    assert.equal(largestDifference(row(0, 0), row(0, 0)), 0);
  });

  test('is told by the values themselves where they do not vary', () => {
    assert.equal(largestDifference(row(2, 2), row(2, 3)), 0.5);
    assert.equal(largestDifference(row(0, 0), row(0, 1)), Number.POSITIVE_INFINITY);
  });

  test('is infinite where one alone is no number', () => {
    assert.equal(largestDifference(row(1, Number.NaN), row(1, 2)), Number.POSITIVE_INFINITY);
    assert.equal(largestDifference(row(1, 2), row(1, Number.NaN)), Number.POSITIVE_INFINITY);
    assert.equal(largestDifference(row(1, endless), row(1, Number.NaN)), endless);
    assert.equal(largestDifference(row(1, endless), row(1, -endless)), endless);
  });

  test('is that of the other places where both are no number, or the same infinity', () => {
    assert.equal(largestDifference(row(1, 5, Number.NaN), row(1, 4, Number.NaN)), 0.5);
    assert.equal(largestDifference(row(1, 5, endless), row(1, 4, endless)), 0.5);
    assert.equal(largestDifference(row(endless), row(endless)), 0);
  });

  test('is no number where both are none everywhere', () => {
    assert.equal(largestDifference(row(Number.NaN), row(Number.NaN)), Number.NaN);
  });
});
