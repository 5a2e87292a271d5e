import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocate, type SensitivityCurve } from '../../../extension/pruning/allocate.ts';
import { seeded } from '../../support/random.ts';

function curve(name: string, size: number, losses: Record<number, number>): SensitivityCurve {
  const points = Object.entries(losses).map(([sparsity, loss]) => ({ sparsity: Number(sparsity), loss }));
  return { name, size, points: points.sort((a, b) => a.sparsity - b.sparsity) };
}

function mean(curves: readonly SensitivityCurve[], shares: ReadonlyMap<string, number>): number {
  const all = curves.reduce((sum, { size }) => sum + size, 0);
  return curves.reduce((sum, { name, size }) => sum + size * (shares.get(name) ?? 0), 0) / all;
}

test('the gate that costs less loses more, and together they lose what was asked', () => {
  const curves = [curve('a', 100, { 0: 1, 0.5: 1.1, 1: 1.5 }), curve('b', 300, { 0: 1, 0.5: 2, 1: 5 })];
  const shares = allocate(curves, 0.25);
  // Of a 0.002 a weight, then 0.008; of b 1 / 150 for its first half. So a's first half goes, then 50 weights of b.
  assert.deepEqual(
    [...shares],
    [
      ['a', 0.5],
      ['b', 50 / 300],
    ],
  );
  assert.equal(mean(curves, shares), 0.25);
});

test('gates that are alike lose alike, as caution makes the next weight dearer', () => {
  const losses = Object.fromEntries([0, 0.25, 0.5, 0.75, 0.9, 0.99].map((sparsity) => [sparsity, 1]));
  const curves = ['a', 'b', 'c'].map((name) => curve(name, 100, losses));
  for (const share of allocate(curves, 0.75).values()) assert.ok(Math.abs(share - 0.75) < 1e-9);
});

test('no other division of the measured levels adds up to a lower loss', () => {
  const next = seeded(7);
  const levels = [0, 0.25, 0.5, 0.75];
  for (let round = 0; round < 20; round++) {
    // Convex, steep beside what caution adds.
    const curves = ['a', 'b', 'c'].map((name) => {
      let [loss, rise] = [1, 0];
      const losses: Record<number, number> = {};
      for (const level of levels) {
        losses[level] = loss;
        rise += 10 + 10 * Math.abs(next());
        loss += rise;
      }
      return curve(name, 40, losses);
    });
    const best = Math.min(...divisions(levels, 3, 1.25).map((shares) => cost(curves, shares)));
    const found = allocate(curves, 1.25 / 3);
    assert.ok(cost(curves, [...found.values()]) <= best + 1e-6, `round ${round}`);
  }
});

test('what the curves do not reach is not promised', () => {
  const curves = [curve('a', 10, { 0: 1, 0.9: 2 })];
  assert.deepEqual([...allocate(curves, 0.99)], [['a', 0.9]]);
});

test('a curve that falls does not pay for another that rises', () => {
  const curves = [curve('a', 10, { 0: 1, 0.5: 0.2, 0.9: 3 }), curve('b', 10, { 0: 1, 0.5: 1, 0.9: 1.2 })];
  const shares = allocate(curves, 0.5);
  assert.ok(Math.abs((shares.get('a') ?? 0) - 0.5) < 1e-9);
  assert.ok(Math.abs((shares.get('b') ?? 0) - 0.5) < 1e-9);
});

function divisions(levels: readonly number[], count: number, sum: number): number[][] {
  if (count === 1) return levels.includes(sum) ? [[sum]] : [];
  return levels.flatMap((level) => divisions(levels, count - 1, sum - level).map((rest) => [level, ...rest]));
}

/** Straight between the levels. */
function cost(curves: readonly SensitivityCurve[], shares: readonly number[]): number {
  return curves.reduce((sum, { points }, i) => {
    const at = points.findLastIndex(({ sparsity }) => sparsity <= shares[i] + 1e-12);
    const [from, to] = [points[at], points[Math.min(at + 1, points.length - 1)]];
    const part = to === from ? 0 : (shares[i] - from.sparsity) / (to.sparsity - from.sparsity);
    return sum + from.loss + part * (to.loss - from.loss);
  }, 0);
}
