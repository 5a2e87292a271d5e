import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operationsPerSample } from '../../../extension/ops/cost.ts';
import { batchSize, inBatches } from '../../../extension/training/batches.ts';
import { learnable } from './learnable.ts';

test('every sample is computed once and in order, whatever the sizes', async () => {
  for (const [count, size] of [
    [0, 64],
    [1, 64],
    [93, 64],
    [1024, 64],
    [7, 1],
  ]) {
    const seen: number[] = [];
    await inBatches(count, size, undefined, async (from, to) => {
      assert.ok(to - from <= size);
      for (let i = from; i < to; i++) seen.push(i);
    });
    assert.deepEqual(
      seen,
      Array.from({ length: count }, (_, i) => i),
    );
  }
});

test('a batch takes no longer than a fifth of a second on its engine, and at least one sample', () => {
  const { graph, samples } = learnable({ samples: 4, steps: 9 });
  const cost = operationsPerSample(graph, 9);
  const sizeAt = (speed: number, largest = 64) => batchSize({ speed }, graph, samples.inputs, largest);
  assert.equal(sizeAt(cost * 5 * 10), 10);
  assert.equal(sizeAt(cost * 5 * 1000), 64);
  assert.equal(sizeAt(cost * 5 * 1000, 7), 7);
  assert.equal(sizeAt(cost / 1000), 1);
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
  assert.deepEqual(
    shares,
    shares.toSorted((a, b) => a - b),
  );
  assert.equal(shares[0], 0);
});
