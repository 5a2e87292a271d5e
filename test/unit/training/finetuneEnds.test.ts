import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optimizerDefaults } from '../../../extension/model/optimizer.ts';
import { finetune, type Snapshot } from '../../../extension/training/finetune.ts';
import { assertRefuses, messageFrom } from '../../support/throwsCode.ts';
import { learnable } from './learnable.ts';
import { bytes, hooks, training } from './trainLearnable.ts';

test('early stopping ends after `patience` epochs without a lower validation loss, with the best weights', async () => {
  // So large a rate that the validation loss soon jumps about.
  await training(
    learnable({ steps: 3 }),
    async (task) => {
      const snapshots: Snapshot[] = [];
      const result = await finetune(task, {
        ...hooks,
        keep: async (snapshot) => void snapshots.push(snapshot),
      });
      const losses = result.epochs.map(({ validationLoss }) => validationLoss);
      assert.equal(result.stopped, 'early');
      assert.equal(result.best, losses.indexOf(Math.min(...losses)) + 1);
      assert.equal(result.epochs.length, result.best + 3);
      assert.ok(result.best > 0);
      assert.equal(result.kept, result.best);
      assert.notDeepEqual(bytes(result.weights.values()), bytes((await task.session.weights()).values()));
      // The best weights give the best loss again.
      const snapshot = snapshots[result.best - 1];
      await task.session.restore(snapshot.state);
      assert.deepEqual(bytes(result.weights.values()), bytes((await task.session.weights()).values()));
    },
    { epochs: 200, patience: 3, learningRate: 0.1 },
  );
});

test('where no epoch betters the pruned weights, early stopping keeps these', async () => {
  const model = learnable();
  // As large a rate as to make things worse at once, and no larger than not to be called an explosion.
  await training(
    model,
    async (task) => {
      const result = await finetune(task, hooks);
      assert.ok(result.epochs.every(({ validationLoss }) => validationLoss >= result.validationLossBefore));
      assert.deepEqual([result.best, result.kept, result.stopped, result.weights.size], [0, 0, 'early', 0]);
    },
    { epochs: 50, patience: 1, learningRate: 2 },
  );
});

test('ended by hand within an epoch, what was trained of it counts, and the best weights are taken', async () => {
  // Three batches of validation at first, then five steps and three such batches in each epoch.
  for (const endAt of [1, 4, 6, 9, 11, 16]) {
    const finish = new AbortController();
    let steps = 0;
    const step = async () => {
      if (steps++ === endAt) finish.abort();
    };
    const model = learnable();
    await training(model, async (task) => {
      const result = await finetune(task, { ...hooks, step, finish: finish.signal });
      assert.equal(result.stopped, 'cancelled');
      const losses = [
        result.validationLossBefore,
        ...result.epochs.map(({ validationLoss }) => validationLoss),
      ];
      assert.equal(result.kept, losses.indexOf(Math.min(...losses)));
      assert.equal(result.kept, result.best);
      assert.equal(result.weights.size, result.kept === 0 ? 0 : model.parameters.length);
    });
  }
});

test('ended by hand before the first step, nothing was trained', async () => {
  await training(learnable(), async (task) => {
    const result = await finetune(task, { ...hooks, finish: AbortSignal.abort() });
    assert.deepEqual(
      [result.epochs, result.best, result.kept, result.stopped, result.weights.size],
      [[], 0, 0, 'cancelled', 0],
    );
  });
});

test('whoever throws in a step gives the training up at once', async () => {
  let steps = 0;
  const step = async () => {
    if (steps++ === 3) throw new Error('enough');
  };
  await training(learnable(), (task) => assert.rejects(finetune(task, { ...hooks, step }), /enough/));
  assert.equal(steps, 4);
});

test('a loss that is no number, or grows beyond all measure, stops the training and says what to try', async () => {
  const model = learnable();
  const changed = { learningRate: 1e6, epochs: 3 };
  const message = await training(
    model,
    (task) => messageFrom(() => finetune(task, hooks)),
    changed,
    optimizerDefaults.sgd,
  );
  assert.equal(message.code, 'trainingDiverged');
  assert.deepEqual(message.args.remedy, { code: 'remedyRateOrClip', args: { rate: '0.001' } });
  model.layer.kernel.values[0] = Number.NaN;
  const notANumber = await training(model, (task) => messageFrom(() => finetune(task, hooks)));
  assert.deepEqual([notANumber.code, notANumber.args.loss], ['trainingDiverged', 'NaN']);
});

test('an explosion in numbers that are still finite is seen within its epoch', async () => {
  let steps = 0;
  const step = async () => void steps++;
  await training(
    learnable(),
    (task) => assertRefuses(() => finetune(task, { ...hooks, step }), 'trainingDiverged', 'epoch 1'),
    { learningRate: 1e6 },
    optimizerDefaults.sgd,
  );
  // Three batches of validation before, then fewer than the epoch's five steps.
  assert.ok(steps < 3 + 5, `${steps} steps`);
});

test('ended by hand within the last epoch, it was not the last that ended it', async () => {
  const finish = new AbortController();
  let steps = 0;
  const step = async () => {
    if (++steps === 6) finish.abort();
  };
  await training(
    learnable(),
    async (task) => {
      const result = await finetune(task, { ...hooks, step, finish: finish.signal });
      assert.deepEqual([result.stopped, result.epochs.length], ['cancelled', 1]);
    },
    { epochs: 1 },
  );
});

test('ended by hand where what was trained is of no use, the best weights are taken all the same', async () => {
  const finish = new AbortController();
  await training(learnable(), async (task) => {
    const { step, observe } = task.session;
    let trained = false;
    const session = {
      ...task.session,
      step: async (...args: Parameters<typeof step>) => {
        finish.abort();
        trained = true;
        return step(...args);
      },
      // Weights that have left all bounds.
      observe: async (...args: Parameters<typeof observe>) => {
        const values = await observe(...args);
        if (trained) values[0].data.fill(Number.NaN);
        return values;
      },
    };
    const result = await finetune({ ...task, session }, { ...hooks, finish: finish.signal });
    assert.deepEqual(
      [result.epochs, result.kept, result.stopped, result.weights.size],
      [[], 0, 'cancelled', 0],
    );
  });
});
