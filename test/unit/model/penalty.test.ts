import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Penalty, penaltyOf } from '../../../extension/model/penalty.ts';
import { randomFloats, seeded } from '../../support/random.ts';

const shape = [3, 4];

test('penalties are sums of magnitudes and squares', () => {
  assert.equal(penaltyOf({ l1: 0.5, l2: 2 }, [2], Float32Array.of(-3, 1)), 0.5 * 4 + 2 * 10);
});

test('rows at right angles cost nothing, and those along each other the factor', () => {
  const penalty: Penalty = { orthogonal: 'rows', factor: 0.3 };
  const of = (...values: number[]) => penaltyOf(penalty, [2, 2], Float32Array.from(values));
  assert.equal(of(2, 0, 0, 5), 0);
  assert.ok(Math.abs(of(1, 1, -3, -3) - 0.3) < 1e-7);
  // A row that was pruned has no direction.
  assert.equal(of(0, 0, 1, 2), 0);
});

const penalties: Penalty[] = [
  { l1: 0.3, l2: 0.2 },
  { orthogonal: 'rows', factor: 0.4 },
  { orthogonal: 'columns', factor: 0.4 },
];
for (const penalty of penalties) {
  test(`the gradient of ${JSON.stringify(penalty)} is its slope`, () => {
    const values = randomFloats(12, seeded(2));
    const gradient = new Float32Array(12).fill(1);
    penaltyOf(penalty, shape, values, gradient);
    for (const i of values.keys()) {
      const at = (by: number) => penaltyOf(penalty, shape, values.with(i, values[i] + by));
      // It is added to what is there.
      assert.ok(Math.abs((at(1e-3) - at(-1e-3)) / 2e-3 + 1 - gradient[i]) < 1e-3, `value ${i}`);
    }
  });
}
