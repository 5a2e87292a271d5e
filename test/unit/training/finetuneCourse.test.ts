import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optimizerDefaults } from '../../../extension/model/optimizer.ts';
import type { FinetuneProgress } from '../../../extension/protocol/requests.ts';
import { finetune, type Snapshot } from '../../../extension/training/finetune.ts';
import { startTraining } from '../../../extension/training/startTraining.ts';
import { assertRefuses, messageFrom } from '../../support/throwsCode.ts';
import { learnable, part } from './learnable.ts';
import { tensor } from './losses.ts';
import { scripted } from './scriptedTraining.ts';
import { hooks } from './trainLearnable.ts';

const { NaN: noNumber, POSITIVE_INFINITY: endless } = Number;
// Guessing costs ln 2 here, and ten times that 6.93.

for (const before of [noNumber, endless]) {
  test(`where the pruned weights give ${before} on the validation part, the best epoch betters them`, async () => {
    const script = { losses: [1, 1, 1, 1], validationLosses: [before, 0.625, 0.5, 0.75, 0.875] };
    const seen: FinetuneProgress[] = [];
    const step = async (progress: FinetuneProgress) => void seen.push(progress);
    const result = await finetune(scripted(script, { epochs: 9, patience: 2 }), { ...hooks, step });
    assert.deepEqual([result.best, result.kept, result.stopped], [2, 2, 'early']);
    assert.deepEqual([...result.weights.values()], [Float32Array.of(2)]);
    assert.equal(result.validationLossBefore, before);
    for (const { epoch, bestEpoch, bestValidationLoss } of seen) {
      const expected = [undefined, 0.625, 0.5, 0.5][epoch - 1];
      assert.equal(bestValidationLoss, expected);
      assert.equal(bestEpoch === undefined, expected === undefined);
    }
  });
}

test('the losses of an epoch are means over all rows that count, not of the batches', async () => {
  const script = {
    ...{ losses: [1, 4, 2, 3], rows: [1, 3, 0, 2] },
    ...{ validationLosses: [1, 2, 3, 1, 2, 4], validationRows: [1, 1, 1, 3, 0, 2] },
  };
  const { epochs, validationLossBefore } = await finetune(scripted(script, { epochs: 2, batch: 1 }), hooks);
  assert.equal(validationLossBefore, (1 + 2) / 2);
  assert.deepEqual(
    epochs.map(({ loss, validationLoss }) => [loss, validationLoss]),
    [
      [(1 + 3 * 4) / 4, (3 + 3 * 1) / 4],
      [3, 4],
    ],
  );
});

test('a validation loss beyond the bound stops the training, though the training losses do not show it', async () => {
  for (const validationLoss of [7, noNumber, endless]) {
    const script = { losses: [1, 1], validationLosses: [0.7, 0.6, validationLoss] };
    await assertRefuses(() => finetune(scripted(script), hooks), 'trainingDiverged', 'epoch 2');
  }
  const result = await finetune(scripted({ losses: [1, 1], validationLosses: [0.7, 0.6, 6.9] }), hooks);
  assert.equal(result.kept, 2);
});

test('ended by hand where the validation loss is beyond the bound, the best weights are taken all the same', async () => {
  const finish = new AbortController();
  // Batches of one: two steps and two batches of validation in each epoch.
  const script = { losses: [1, 1, 1, 1], validationLosses: [0.7, 0.7, 0.6, 0.6, 7, 7] };
  const task = scripted(script, { epochs: 2, batch: 1 });
  let steps = 0;
  const step = async () => {
    if (++steps === 2 + 4 + 2) finish.abort();
  };
  const { epochs, kept } = await finetune(task, { ...hooks, step, finish: finish.signal });
  assert.deepEqual([epochs.length, kept], [1, 1]);
});

test('the loss of the unpruned model gives room, that of the pruned one no more than to come down', async () => {
  const script = { losses: [8, 15, 1], validationLosses: [8, 15, 15, 1] };
  assert.equal((await finetune(scripted(script), hooks)).epochs.length, 3);
  const worse = { losses: [8, 17], validationLosses: [8, 8, 8] };
  await assertRefuses(() => finetune(scripted(worse), hooks), 'trainingDiverged', 'epoch 2');
  assert.equal((await finetune({ ...scripted(worse), dense: 1.71 }, hooks)).epochs.length, 2);
  await assertRefuses(() => finetune({ ...scripted(worse), dense: noNumber }, hooks), 'trainingDiverged');
});

test('what guessing loses gives room, too', async () => {
  const script = { losses: [1, 39], validationLosses: [1, 1, 39] };
  const run = (guessing: number) => finetune({ ...scripted(script), guessing }, hooks);
  await assertRefuses(() => run(3.89), 'trainingDiverged', 'epoch 2');
  assert.equal((await run(3.91)).epochs.length, 2);
});

test('guessing is as hard as the harder of the two parts, and every row of the training part may count', async () => {
  const { graph, samples } = learnable({ samples: 4 });
  const loss = { name: 'mean_squared_error', head: 'linear', width: 1, fromLogits: false } as const;
  const easy = { ...part(samples, 0, 2), targets: tensor([2, 1], [9, 11]) };
  const hard = { ...easy, targets: tensor([2, 1], [8, 12]) };
  const { settings } = scripted({ losses: [], validationLosses: [] });
  for (const [train, validation, expected] of [
    [easy, easy, 1],
    [easy, hard, 4],
    [hard, easy, 4],
  ] as const) {
    const parts = { train, validation };
    const task = await startTraining(graph, { loss }, parts, optimizerDefaults.adam, settings);
    await task.session.dispose();
    assert.deepEqual([task.guessing, task.rows], [expected, 2]);
  }
});

test('a training that was taken up fails as the unbroken one would have, and no sooner', async () => {
  const snapshots: Snapshot[] = [];
  const keep = async (snapshot: Snapshot) => void snapshots.push(snapshot);
  const losses = [9, 15, 17, 19];
  const script = { losses, validationLosses: [0.7, 1, 1, 1, 1] };
  const unbroken = await messageFrom(() => finetune(scripted(script), { ...hooks, keep }));
  assert.deepEqual([unbroken.args.epoch, unbroken.args.first], [4, '9']);
  for (const [i, snapshot] of snapshots.entries()) {
    const rest = { losses: losses.slice(i + 1), validationLosses: [1, 1, 1] };
    const resumed = () => finetune(scripted(rest, { epochs: 4 }, i + 1), hooks, snapshot);
    assert.deepEqual(await messageFrom(resumed), unbroken);
  }
});
