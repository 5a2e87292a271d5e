import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../../extension/model/random.ts';

const draw = (count: number, next: () => number) => Array.from({ length: count }, next);
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

test('the generator is xoshiro128**: the numbers of the authors’ C code from the state 1, 2, 3, 4', () => {
  const random = Random.fromState([1, 2, 3, 4]);
  const expected = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597];
  assert.deepEqual(
    draw(expected.length, () => random.next()),
    expected,
  );
});

test('a seed decides all numbers, another seed gives others', () => {
  const sequence = (seed: number) => {
    const random = new Random(seed);
    return [random.next(), random.normal(), random.uniform(), random.below(10)];
  };
  assert.deepEqual(sequence(1), sequence(1));
  for (const seed of [0, 2, -1, 2 ** 31]) assert.notDeepEqual(sequence(seed), sequence(1));
});

test('uniform numbers fill [0, 1) evenly', () => {
  const random = new Random(1);
  const values = draw(100_000, () => random.uniform());
  assert.ok(values.every((value) => value >= 0 && value < 1));
  assert.ok(Math.abs(mean(values) - 1 / 2) < 0.005);
  assert.ok(Math.abs(mean(values.map((value) => (value - 1 / 2) ** 2)) - 1 / 12) < 0.002);
});

test('normal numbers have mean 0, variance 1 and the tails of the normal distribution', () => {
  const random = new Random(1);
  const values = draw(100_000, () => random.normal());
  assert.ok(values.every(Number.isFinite));
  assert.ok(Math.abs(mean(values)) < 0.02);
  assert.ok(Math.abs(mean(values.map((value) => value ** 2)) - 1) < 0.02);
  // 4.55 % lie beyond two standard deviations.
  assert.ok(Math.abs(values.filter((value) => Math.abs(value) > 2).length / values.length - 0.0455) < 0.004);
  // Both numbers of a pair are used and do not hang together.
  assert.ok(Math.abs(mean(values.slice(1).map((value, i) => value * values[i]))) < 0.02);
});

test('whole numbers below a bound are equally likely', () => {
  const random = new Random(1);
  const counts = new Array(7).fill(0);
  for (let i = 0; i < 70_000; i++) counts[random.below(7)]++;
  assert.ok(
    counts.every((count) => Math.abs(count - 10_000) < 400),
    counts.join(),
  );
  assert.equal(random.below(1), 0);
  // Two thirds of 2³²: without rejection the lower half would come twice as often.
  const bound = Math.floor((2 ** 32 * 2) / 3);
  const lower = draw(30_000, () => random.below(bound)).filter((value) => value < bound / 2).length;
  assert.ok(Math.abs(lower - 15_000) < 500, String(lower));
});
