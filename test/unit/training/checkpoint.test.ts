import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { readSnapshot, writeSnapshot } from '../../../extension/training/checkpoint.ts';
import type { Snapshot } from '../../../extension/training/finetune.ts';
import { asSnapshot } from '../../../extension/training/storedSnapshot.ts';
import { memoryParameter } from '../../support/memoryModel.ts';
import { scratchFiles } from '../../support/scratch.ts';

const write = scratchFiles();
const [a, b] = [memoryParameter('a', [2], [1, 2]), memoryParameter('b', [1], [3])];

async function roundTrip(snapshot: Snapshot): Promise<Snapshot | undefined> {
  const path = write('one.checkpoint', '');
  rmSync(path);
  await writeSnapshot(path, snapshot, 'engine');
  return asSnapshot(await readSnapshot(path), [a, b]);
}

const epoch = { epoch: 1, loss: 0.5, validationLoss: 0.25, sparsity: 0.75, seconds: 1.5, learningRate: 0.1 };
const snapshot: Snapshot = {
  state: { iterations: 7, tensors: [Float32Array.of(1, -0, 3), Float32Array.of(), Float32Array.of(0.1)] },
  epochs: [epoch],
  before: 0.3,
  firstLoss: 0.7,
  best: new Map([
    [a, Float32Array.of(5, 6)],
    [b, Float32Array.of(7)],
  ]),
};

test('a snapshot comes back from its file as it was', async () => {
  assert.deepEqual(await roundTrip(snapshot), snapshot);
});

test('so does one whose pruned weights gave no number', async () => {
  const { before } = (await roundTrip({ ...snapshot, before: Number.NaN, best: new Map() })) ?? snapshot;
  assert.equal(before, Number.NaN);
});
