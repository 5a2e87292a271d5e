import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remedyFor } from '../../../extension/training/remedy.ts';

test('a tenth of the learning rate is to be tried, or the usual one where a tenth is still above that', () => {
  for (const [learningRate, usualRate, expected] of [
    [0.02, 0.01, '0.002'],
    [0.0001, 0.001, '0.00001'],
    [100, 0.001, '0.001'],
    [1e300, 0.05, '0.05'],
    [0.123456, 1, '0.01235'],
  ] as const)
    assert.equal(remedyFor({ learningRate, usualRate }).args.rate, expected);
});

test('clipping is to be tried too, unless it was', () => {
  const rates = { learningRate: 0.1, usualRate: 0.001 };
  assert.equal(remedyFor(rates).code, 'remedyRateOrClip');
  assert.equal(remedyFor({ ...rates, clipNorm: 5 }).code, 'remedyRate');
});
