import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepOf, keptShape } from '../../../extension/model/shrinking.ts';

/** 0, 1, 2, … */
const numbers = (length: number) => Float32Array.from({ length }, (_, i) => i);

test('rows, columns and both are kept of a matrix', () => {
  const matrix = numbers(12);
  const shape = [3, 4];
  assert.deepEqual([...keepOf(matrix, shape, [[0, 2], null])], [0, 1, 2, 3, 8, 9, 10, 11]);
  assert.deepEqual([...keepOf(matrix, shape, [null, [1, 3]])], [1, 3, 5, 7, 9, 11]);
  assert.deepEqual([...keepOf(matrix, shape, [[1], [0, 3]])], [4, 7]);
  assert.deepEqual([...keepOf(matrix, shape, [null, null])], [...matrix]);
});

test('an axis in the middle is kept in part', () => {
  const kept = [null, [1], null];
  assert.deepEqual([...keepOf(numbers(12), [2, 3, 2], kept)], [2, 3, 8, 9]);
  assert.deepEqual(keptShape([2, 3, 2], kept), [2, 1, 2]);
});

test('values of several bytes stay together', () => {
  const bytes = Uint8Array.from([10, 11, 20, 21, 30, 31, 40, 41]);
  assert.deepEqual([...keepOf(bytes, [2, 2], [null, [1]], 2)], [20, 21, 40, 41]);
  assert.deepEqual([...keepOf(bytes, [2, 2], [[1], null], 2)], [30, 31, 40, 41]);
});

test('what is kept is a copy', () => {
  const values = numbers(4);
  keepOf(values, [4], [null])[0] = 9;
  assert.equal(values[0], 0);
});
