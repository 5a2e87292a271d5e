import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paretoFront } from '../../../extension/pruning/paretoFront.ts';

test('the front holds what no other is better than in both, by size', () => {
  const tried = [
    { id: 1, size: 100, loss: 1 },
    { id: 2, size: 50, loss: 1.2 },
    { id: 3, size: 60, loss: 1.3 },
    { id: 4, size: 50, loss: 1.1 },
    { id: 5, size: 20, loss: 4 },
    { id: 6, size: 120, loss: 1 },
  ];
  assert.deepEqual(
    paretoFront(tried).map(({ id }) => id),
    [5, 4, 1],
  );
});

test('what has no loss that is a number is on no front', () => {
  assert.deepEqual(paretoFront([{ size: 1, loss: Number.NaN }]), []);
});
