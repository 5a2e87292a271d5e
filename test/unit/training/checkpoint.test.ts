import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import type { Parameter } from '../../../extension/model/parameter.ts';
import { readSnapshot, writeSnapshot } from '../../../extension/training/checkpoint.ts';
import type { Snapshot } from '../../../extension/training/finetune.ts';
import { asSnapshot } from '../../../extension/training/storedSnapshot.ts';
import { memoryParameter } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';
import { scratchFiles } from '../../support/scratch.ts';

const write = scratchFiles();
const [a, b] = [memoryParameter('a', [2], [1, 2]), memoryParameter('b', [1], [3])];

async function roundTrip(
  snapshot: Snapshot,
  parameters: readonly Parameter[] = [a, b],
): Promise<Snapshot | undefined> {
  const path = write('one.checkpoint', '');
  rmSync(path);
  await writeSnapshot(path, snapshot, 'engine');
  return asSnapshot(await readSnapshot(path), parameters);
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

test('masks that change come back as they were, bit by bit, with all that the schedule remembers', async () => {
  const lengths = [1, 7, 8, 9, 64, 65];
  const parameters = lengths.map((length) =>
    memoryParameter(`p${length}`, [length], new Float32Array(length)),
  );
  const next = seeded(3);
  const masks = () =>
    new Map(parameters.map((one) => [one, one.values.map(() => (next() < 0.5 ? 0 : 1))] as const));
  const flags = () => new Map([...masks()].map(([one, values]) => [one, Uint8Array.from(values)] as const));
  const schedule = {
    masks: flags(),
    movement: new Map(parameters.map((one) => [one, one.values.map(() => next() - 0.5)] as const)),
    updates: { updates: 3, lastStep: 12, regrown: 5 },
  };
  const all = { ...snapshot, best: new Map(), bestMasks: flags(), schedule };
  assert.deepEqual(await roundTrip(all, parameters), all);
  const { movement: _, ...withoutMovement } = schedule;
  const rest = { ...snapshot, schedule: withoutMovement };
  assert.deepEqual(await roundTrip(rest, [a, b, ...parameters]), rest);
});

test('a snapshot of a parameter that a model does not have, or in another size, is that of another model', async () => {
  const masks = new Map([[a, Uint8Array.of(1, 0)]]);
  const schedule = { masks, updates: { updates: 1, lastStep: 0, regrown: 0 } };
  assert.ok(await roundTrip({ ...snapshot, schedule }));
  assert.equal(await roundTrip({ ...snapshot, schedule }, [b]), undefined);
  const larger = memoryParameter('a', [3], [1, 2, 3]);
  assert.equal(await roundTrip({ ...snapshot, best: new Map(), schedule }, [larger, b]), undefined);
});
