import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inBatches } from '../../../extension/training/batches.ts';

test('every sample is computed once and in order, whatever the sizes', async () => {
  for (const [count, largest] of [
    [0, 64],
    [1, 64],
    [93, 64],
    [1024, 64],
    [7, 1],
  ]) {
    const seen: number[] = [];
    await inBatches(count, largest, undefined, async (from, to) => {
      assert.ok(to - from <= largest);
      for (let i = from; i < to; i++) seen.push(i);
    });
    assert.deepEqual(
      seen,
      Array.from({ length: count }, (_, i) => i),
    );
  }
});

/** Sizes of the batches when a sample takes as long as `cost` says. */
async function sizesOf(count: number, cost: (sample: number) => number): Promise<number[]> {
  const sizes: number[] = [];
  let now = 0;
  const compute = async (from: number, to: number) => {
    sizes.push(to - from);
    for (let sample = from; sample < to; sample++) now += cost(sample);
  };
  await inBatches(count, 64, undefined, compute, () => now);
  return sizes;
}

test('batches grow to the largest size while they are quick', async () => {
  assert.deepEqual(await sizesOf(200, () => 1), [1, 2, 4, 8, 16, 32, 64, 64, 9]);
});

test('batches stay single where a sample takes long, and shrink where it comes to', async () => {
  assert.deepEqual(await sizesOf(3, () => 1500), [1, 1, 1]);
  assert.deepEqual(await sizesOf(10, (sample) => (sample < 3 ? 1 : 500)), [1, 2, 4, 2, 1]);
});

test('the share that is done rises, and whoever throws in a step stops the work', async () => {
  const shares: number[] = [];
  const work = inBatches(
    100,
    10,
    async (done) => {
      shares.push(done);
      if (done > 0.5) throw new Error('enough');
    },
    async () => {},
  );
  await assert.rejects(work, /enough/);
  assert.equal(shares[0], 0);
  assert.deepEqual(
    shares,
    shares.toSorted((a, b) => a - b),
  );
});
