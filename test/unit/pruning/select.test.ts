import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepMask } from '../../../extension/pruning/select.ts';
import { randomFloats, seeded, wholeBelow } from '../../support/random.ts';

/** By sorting: the lowest scores go, of equal ones those that come first. */
function bySorting(scores: Float32Array, count: number): number[] {
  const order = [...scores.keys()].sort((a, b) => scores[a] - scores[b] || a - b);
  const mask = new Array(scores.length).fill(1);
  for (const i of order.slice(0, Math.max(0, count))) mask[i] = 0;
  return mask;
}

function check(scores: Float32Array, count: number): void {
  assert.deepEqual([...keepMask(scores, count)], bySorting(scores, count), `${scores.length} ${count}`);
}

test('the lowest scores go, as sorting says, whatever the count', () => {
  const next = seeded(1);
  for (let round = 0; round < 200; round++) {
    const scores = randomFloats(1 + wholeBelow(60, next), next).map(Math.abs);
    check(scores, wholeBelow(scores.length + 1, next));
  }
});

test('of equal scores the first go', () => {
  check(new Float32Array(10).fill(0.25), 4);
  const next = seeded(2);
  for (let round = 0; round < 100; round++) {
    const scores = Float32Array.from({ length: 80 }, () => wholeBelow(4, next) / 4);
    check(scores, wholeBelow(81, next));
  }
});

test('no weight, every weight, one weight, and more than there are', () => {
  const scores = Float32Array.of(3, 1, 2);
  for (const count of [-1, 0, 1, 2, 3, 4]) check(scores, count);
  for (const count of [0, 1]) check(Float32Array.of(5), count);
  assert.equal(keepMask(new Float32Array(0), 0).length, 0);
});

test('negative scores go before positive ones, −∞ first and ∞ last, and −0 is no less than 0', () => {
  const scores = Float32Array.of(0, -1, Infinity, 2, -0, -Infinity, -1e-40, 1e-40, -3e38, 0);
  for (let count = 0; count <= scores.length; count++) check(scores, count);
  const next = seeded(4);
  for (let round = 0; round < 50; round++)
    check(randomFloats(1 + wholeBelow(60, next), next), wholeBelow(30, next));
});

test('−∞ goes before scores that are not negative', () => {
  const next = seeded(5);
  for (let round = 0; round < 50; round++) {
    const scores = randomFloats(1 + wholeBelow(60, next), next).map((score) =>
      wholeBelow(3, next) === 0 ? -Infinity : Math.abs(score),
    );
    check(scores, wholeBelow(scores.length + 1, next));
  }
});

test('scores are left as they are', () => {
  const scores = Float32Array.of(-3, 1, -2);
  keepMask(scores, 2);
  assert.deepEqual([...scores], [-3, 1, -2]);
});

test('subnormal and very large scores are told apart', () => {
  const smallest = 2 ** -149;
  const scores = Float32Array.of(3.4e38, 3 * smallest, smallest, 0, 2 * smallest, 2 ** -126, 1e-40, 3.3e38);
  for (let count = 0; count <= scores.length; count++) check(scores, count);
});

test('scores that differ only in their upper or only in their lower bits are told apart', () => {
  const bits = Uint32Array.of(0x3f800002, 0x3f800001, 0x3f810000, 0x3f800000, 0x3f7fffff, 0x3f80ffff);
  const scores = new Float32Array(bits.buffer);
  for (let count = 0; count <= scores.length; count++) check(scores, count);
});

test('scores that are a part of a larger buffer are read from their own place', () => {
  check(Float32Array.of(9, 9, 9, 0.5, 0.25, 0.75).subarray(3), 1);
});

test('a hundred thousand scores with many ties', () => {
  const next = seeded(3);
  const scores = Float32Array.from({ length: 100_000 }, () => wholeBelow(5000, next) / 7);
  for (const count of [1, 49_999, 50_000, 99_999]) check(scores, count);
});
