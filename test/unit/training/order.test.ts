import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeSamples } from '../../../extension/training/minibatch.ts';
import { dropoutSeed, epochOrder } from '../../../extension/training/order.ts';

test('an order holds every sample once', () => {
  for (const count of [0, 1, 2, 100]) {
    assert.deepEqual(
      [...epochOrder(count, 1, 1)].toSorted((a, b) => a - b),
      Array.from({ length: count }, (_, i) => i),
    );
  }
});

test('an order depends on seed and epoch alone', () => {
  const text = (seed: number, epoch: number) => epochOrder(50, seed, epoch).join();
  assert.equal(text(3, 4), text(3, 4));
  const orders = [1, 2, 3, 4].flatMap((seed) => [1, 2, 3, 4].map((epoch) => text(seed, epoch)));
  assert.equal(new Set(orders).size, 16);
});

test('every sample may come to every place', () => {
  const seen = Array.from({ length: 4 }, () => new Array<number>(4).fill(0));
  for (let epoch = 1; epoch <= 4000; epoch++) {
    for (const [place, sample] of epochOrder(4, 7, epoch).entries()) seen[sample][place]++;
  }
  // Each of 16 counts is binomial with mean 1000 and deviation 27.
  for (const count of seen.flat()) assert.ok(Math.abs(count - 1000) < 150, `${count}`);
});

test('every step drops by a seed of its own', () => {
  const seeds = Array.from({ length: 1000 }, (_, step) => dropoutSeed(1, step));
  assert.equal(new Set(seeds).size, 1000);
});

test('a minibatch holds copies of the samples asked for, in that order and their own type', () => {
  const tensor = { shape: [3, 2], data: Int32Array.of(0, 1, 10, 11, 20, 21) };
  const taken = takeSamples(tensor, Uint32Array.of(2, 0));
  assert.deepEqual(taken, { shape: [2, 2], data: Int32Array.of(20, 21, 0, 1) });
  taken.data[0] = 5;
  assert.equal(tensor.data[4], 20);
});
