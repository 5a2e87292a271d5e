import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optimizerDefaults } from '../../../extension/model/optimizer.ts';
import type { FinetuneProgress } from '../../../extension/protocol/requests.ts';
import { decayFactor } from '../../../extension/training/decay.ts';
import { finetune, type Snapshot } from '../../../extension/training/finetune.ts';
import type { FinetuneSettings } from '../../../extension/training/finetuneTask.ts';
import { learnable, maskHalf } from './learnable.ts';
import { bytes, hooks, training } from './trainLearnable.ts';

test('the losses fall on what can be learned, and the last weights are kept without patience', async () => {
  const model = learnable({ steps: 3 });
  await training(
    model,
    async (task) => {
      const result = await finetune(task, hooks);
      assert.deepEqual(
        result.epochs.map(({ epoch }) => epoch),
        Array.from({ length: 30 }, (_, i) => i + 1),
      );
      const [first] = result.epochs;
      const last = result.epochs[29];
      assert.ok(last.loss < first.loss / 4, `${first.loss} to ${last.loss}`);
      assert.ok(
        last.validationLoss < first.validationLoss / 2,
        `${first.validationLoss} to ${last.validationLoss}`,
      );
      assert.deepEqual([result.stopped, result.kept], ['done', 30]);
      assert.deepEqual(bytes(result.weights.values()), bytes((await task.session.weights()).values()));
      // The parameters themselves are for whoever asked.
      for (const { trained } of model.parameters) assert.equal(trained, undefined);
    },
    { epochs: 30, learningRate: 0.05 },
  );
});

for (const optimizer of [
  optimizerDefaults.adam,
  { name: 'sgd', momentum: 0.9, nesterov: false },
  { name: 'rmsprop', rho: 0.9, momentum: 0.5, epsilon: 1e-7 },
] as const) {
  test(`${optimizer.name}: masked weights and their moments stay exactly 0, and the others move`, async () => {
    const model = learnable();
    for (const parameter of [model.layer.kernel, model.layer.recurrent]) maskHalf(parameter);
    await training(
      model,
      async (task) => {
        const before = await task.session.state();
        const result = await finetune(task, hooks);
        const after = await task.session.state();
        let [masked, moved] = [0, 0];
        for (const parameter of [model.layer.kernel, model.layer.recurrent]) {
          const values = result.weights.get(parameter) ?? [];
          for (const [i, value] of values.entries()) {
            if (parameter.mask?.[i] === 0) assert.equal(value, 0);
            else if (value !== parameter.values[i]) moved++;
          }
          masked += values.length / 2;
        }
        assert.ok(moved > masked / 2, `${moved} moved`);
        assert.equal(after.iterations, before.iterations + 4 * 5);
        // The weights, and then for each of them what the optimizer remembers; no weight is 0 but the masked ones.
        const count = model.parameters.length;
        const kinds = { adam: 2, sgd: 1, rmsprop: 2 }[optimizer.name];
        assert.equal(after.tensors.length, count * (1 + kinds));
        let maskedPlaces = 0;
        for (const [i, weights] of after.tensors.slice(0, count).entries()) {
          const places = [...weights.keys()].filter((place) => weights[place] === 0);
          maskedPlaces += places.length;
          for (const moments of after.tensors.slice(count + i * kinds, count + (i + 1) * kinds)) {
            assert.equal(moments.length, weights.length);
            for (const place of places) assert.equal(moments[place], 0);
            assert.equal(moments.filter((moment) => moment === 0).length, places.length);
          }
        }
        assert.equal(maskedPlaces, masked);
      },
      {},
      optimizer,
    );
  });
}

test('the learning rate of each epoch follows the decay, by its formula', async () => {
  const steps = 5 * 4;
  const formulas = {
    none: () => 1,
    linear: (t: number) => 1 - t / steps,
    cosine: (t: number) => 0.5 * (1 + Math.cos((Math.PI * t) / steps)),
    exponential: (t: number) => 0.01 ** (t / steps),
  };
  for (const [decay, formula] of Object.entries(formulas) as [
    keyof typeof formulas,
    (t: number) => number,
  ][]) {
    for (let t = 0; t < steps; t++) assert.ok(Math.abs(decayFactor(decay, t / steps) - formula(t)) < 1e-12);
    await training(
      learnable(),
      async (task) => {
        const asked: number[] = [];
        const { step } = task.session;
        const spied = {
          ...task.session,
          step: (...args: Parameters<typeof step>) => {
            asked.push(args[1].learningRate);
            return step(...args);
          },
        };
        const { epochs } = await finetune({ ...task, session: spied }, hooks);
        assert.equal(asked.length, steps);
        for (const [t, rate] of asked.entries()) assert.ok(Math.abs(rate - 0.02 * formula(t)) < 1e-12);
        assert.deepEqual(
          epochs.map(({ learningRate }) => learningRate),
          [0, 5, 10, 15].map((t) => asked[t]),
        );
      },
      { decay },
    );
  }
});

test('gradients are clipped and weights penalised as asked', async () => {
  const weightsWith = (changed: Partial<FinetuneSettings>) =>
    training(
      learnable(),
      async (task) => {
        const { weights } = await finetune(task, hooks);
        return [...weights.values()].flatMap((values) => [...values]);
      },
      { epochs: 2, ...changed },
      optimizerDefaults.sgd,
    );
  const size = (values: readonly number[]) => values.reduce((sum, value) => sum + Math.abs(value), 0);
  const start = learnable().parameters.flatMap(({ values }) => [...values]);
  const distance = (values: readonly number[]) => Math.hypot(...values.map((value, i) => value - start[i]));
  const plain = await weightsWith({});
  const clipped = await weightsWith({ clipNorm: 1e-3 });
  // Ten steps of at most rate × norm.
  assert.ok(distance(clipped) <= 10 * 0.02 * 1e-3 * 1.001, `${distance(clipped)}`);
  assert.ok(distance(plain) > 10 * distance(clipped));
  assert.ok(size(await weightsWith({ l1: 0.1 })) < size(plain));
  assert.ok(size(await weightsWith({ l2: 0.1 })) < size(plain));
});

test('a training that is taken up after any epoch goes on bit for bit as one that was never broken off', async () => {
  const whole = { epochs: 5, patience: 50, decay: 'cosine', clipNorm: 1, l2: 1e-4 } as const;
  const options = { dropout: 0.3 };
  const snapshots: Snapshot[] = [];
  const keep = async (snapshot: Snapshot) =>
    void snapshots.push(structuredClone({ ...snapshot, best: new Map() }));
  const bests: Snapshot['best'][] = [];
  const unbroken = await training(
    learnable(options),
    async (task) =>
      finetune(task, {
        ...hooks,
        keep: async (snapshot) => {
          bests.push(snapshot.best);
          await keep(snapshot);
        },
      }),
    whole,
  );
  assert.equal(snapshots.length, 4);
  for (const [i, snapshot] of snapshots.entries()) {
    const model = learnable(options);
    // Another process has parameters of its own.
    const best = new Map(
      [...bests[i]].map(([{ name }, values]) => {
        const own = model.parameters.find((parameter) => parameter.name === name);
        assert.ok(own);
        return [own, values] as const;
      }),
    );
    const resumed = await training(
      model,
      async (task) => {
        await task.session.restore(snapshot.state);
        return finetune(task, hooks, { ...snapshot, best });
      },
      whole,
    );
    assert.deepEqual(bytes(resumed.weights.values()), bytes(unbroken.weights.values()));
    const figures = ({ epochs }: typeof resumed) => epochs.map(({ seconds, ...rest }) => rest);
    assert.deepEqual(figures(resumed), figures(unbroken));
  }
});

test('another seed takes the samples in another order', async () => {
  const lossWith = (seed: number) =>
    training(learnable(), async (task) => (await finetune(task, hooks)).epochs.at(-1)?.loss, { seed });
  assert.equal(await lossWith(1), await lossWith(1));
  assert.notEqual(await lossWith(1), await lossWith(2));
});

test('progress moves within an epoch, and tells losses, sparsity and the time left', async ({ mock }) => {
  const seen: [FinetuneProgress, number][] = [];
  // A minute for all of it.
  let milliseconds = 0;
  mock.method(performance, 'now', () => milliseconds);
  const step = async (progress: FinetuneProgress, done: number) => {
    seen.push([progress, done]);
    milliseconds = 60_000 * done;
  };
  await training(learnable(), (task) => finetune(task, { sparsity: () => 0.75, step }));
  const shares = seen.map(([, done]) => done);
  assert.deepEqual(
    shares,
    shares.toSorted((a, b) => a - b),
  );
  assert.ok(shares[0] === 0 && shares.every((share) => share <= 1));
  // Nothing is done while the pruned weights are measured.
  const moving = shares.slice(shares.lastIndexOf(0));
  assert.equal(new Set(moving).size, moving.length);
  assert.deepEqual(
    [seen[0][0].loss, seen[0][0].validationLoss, seen[0][0].secondsLeft],
    [undefined, undefined, undefined],
  );
  const later = seen.flatMap(([progress, done], i) =>
    progress.epoch === 3 ? [{ progress, done, before: seen[i - 1][1] }] : [],
  );
  assert.ok(later.length > 5);
  for (const { progress, done, before } of later) {
    assert.deepEqual([progress.epochs, progress.sparsity], [4, 0.75]);
    assert.ok((progress.validationLoss ?? 0) >= (progress.bestValidationLoss ?? 1));
    assert.ok((progress.bestEpoch ?? 9) <= 2);
    // What was done took as long as what was done when it was last told.
    const expected = (60 * before * (1 - done)) / done;
    assert.ok(Math.abs((progress.secondsLeft ?? 0) - expected) < 1e-6, `${progress.secondsLeft}`);
  }
});
