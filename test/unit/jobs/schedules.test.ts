import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openModel } from '../../../extension/formats/open.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import type { Message } from '../../../extension/protocol/messages.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import type { PruneReport } from '../../../extension/protocol/report.ts';
import { readSnapshot, writeSnapshot } from '../../../extension/training/checkpoint.ts';
import { asSnapshot } from '../../../extension/training/storedSnapshot.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { finishedContext, inPlace, models, recipe, weightsOf } from './finetuneJobs.ts';

/** Six steps an epoch. */
const trained: Recipe = { ...recipe, epochs: 4 };

const schedules: readonly Recipe[] = [
  { schedule: 'constant', begin: 7 },
  { schedule: 'polynomial' },
  { schedule: 'polynomial', criterion: 'movement' },
  { schedule: 'polynomial', criterion: 'fisher', samples: 8, initialSparsity: 0.2, frequency: 4 },
  { schedule: 'iterative', rounds: 3 },
  { schedule: 'iterative', rounds: 2, rewind: 'weights', decay: 'cosine' },
  { schedule: 'iterative', rounds: 2, rewind: 'rate', decay: 'cosine' },
  { schedule: 'rigl', frequency: 2 },
  { schedule: 'rigl', frequency: 2, initialSparsity: 0.3 },
  { schedule: 'epoch' },
];

function assertRising(values: readonly number[]): void {
  assert.deepEqual(
    values,
    values.toSorted((a, b) => a - b),
  );
}

const figures = ({ finetune }: PruneReport) =>
  finetune && { ...finetune, epochs: finetune.epochs.map(({ seconds, ...rest }) => rest), resumedAt: 0 };

for (const schedule of schedules) {
  test(`${JSON.stringify(schedule)}: the target is met and written, and broken off it comes to the same bytes`, async () => {
    await inPlace(await models['.h5'](), async (place, checkpoints) => {
      const request = { path: place.model, recipe: { ...trained, ...schedule }, checkpoints };
      const whole = await prune({ ...request, output: join(place.folder, 'whole.h5') }, recordedContext());
      const { finetune, pruned, after } = whole;
      assert.ok(finetune?.masks);
      assert.equal(after.sparsity, 0.6);
      assert.equal(pruned.sparsity, 0.6);
      assertRising(finetune.epochs.map(({ sparsity }) => sparsity));
      assert.equal(finetune.epochs[3].sparsity, 0.6);
      assert.equal(finetune.masks.regrown > 0, schedule.schedule === 'rigl');
      assert.ok(finetune.masks.updates > 0);
      // What is recorded gives the same again.
      const again = { ...request, recipe: whole.recipe, output: join(place.folder, 'again.h5') };
      const repeated = await prune(again, recordedContext());
      assert.deepEqual(readFileSync(repeated.output), readFileSync(whole.output));
      assert.deepEqual(repeated.recipe, whole.recipe);
      for (const epoch of [2, 4]) {
        await assertRefuses(
          () =>
            prune(
              request,
              recordedContext((progress) => progress.finetune?.epoch === epoch),
            ),
          'cancelled',
        );
        assert.equal(readdirSync(checkpoints).length, 1);
        const resumed = await prune(
          { ...request, output: join(place.folder, `${epoch}.h5`) },
          recordedContext(),
        );
        assert.equal(resumed.finetune?.resumedAt, epoch - 1);
        assert.deepEqual(readFileSync(resumed.output), readFileSync(whole.output));
        assert.deepEqual(figures(resumed), { ...figures(whole), resumedAt: 0 });
      }
    });
  });
}

test('what the schedule of a job was is recorded with all its numbers', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const recorded = async (schedule: Recipe) => {
      const request = { path: place.model, recipe: { ...trained, ...schedule }, checkpoints };
      const { recipe: made } = await prune(request, recordedContext());
      const { initialSparsity, begin, end, frequency, power, rounds, rewind, dropFraction } = made;
      return [made.schedule, initialSparsity, begin, end, frequency, power, rounds, rewind, dropFraction];
    };
    const none = undefined;
    assert.deepEqual(await recorded({ schedule: 'polynomial' }), [
      ...['polynomial', none, 0, 12, 1, 3],
      ...[none, none, none],
    ]);
    assert.deepEqual(await recorded({ schedule: 'iterative' }), [
      ...['iterative', none, none, none, none, none],
      ...[4, 'none', none],
    ]);
    assert.deepEqual(await recorded({ schedule: 'rigl' }), [
      ...['rigl', none, 0, 18, 1, none],
      ...[none, none, 0.3],
    ]);
  });
});

test('the state pruned is that of the whole plan at once on the file’s weights', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const { sparsity, data = '' } = recipe;
    const request = { path: place.model, recipe: { sparsity, data } as Recipe };
    const { after } = await prune(request, recordedContext());
    for (const schedule of ['polynomial', 'rigl', 'epoch'] as const) {
      const asked = { path: place.model, recipe: { ...trained, schedule }, checkpoints };
      const { pruned, finetune } = await prune(asked, recordedContext());
      // Only the last digits of a float32 loss may differ between two engines' ways.
      assert.ok(Math.abs((pruned.loss ?? 0) - (after.loss ?? 1)) < 1e-6);
      assert.deepEqual({ ...pruned, loss: 0 }, { ...after, loss: 0 });
      assert.notEqual(finetune?.validationLossBefore, undefined);
    }
  });
});

const cutShort = (notes: readonly Message[]) => notes.some(({ code }) => code === 'noteScheduleCutShort');

test('ended by hand once all has gone, or not ended at all, nothing is said of the rest', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const asked: Recipe = { ...trained, schedule: 'constant', begin: 2 };
    const request = { path: place.model, recipe: asked, checkpoints, force: true };
    const context = finishedContext(({ finetune }) => finetune?.epoch === 2);
    const ended = await prune(request, context);
    assert.equal(ended.finetune?.stopped, 'cancelled');
    assert.ok(!cutShort(ended.notes));
    assert.ok(!cutShort((await prune(request, recordedContext())).notes));
  });
});

test('ended by hand before the first step, the whole plan is written on the file’s weights', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const context = finishedContext(({ stage }) => stage === 'finetune');
    const asked: Recipe = { ...trained, schedule: 'polynomial' };
    const { output, finetune, notes } = await prune(
      { path: place.model, recipe: asked, checkpoints },
      context,
    );
    assert.deepEqual([finetune?.epochs, finetune?.kept], [[], 0]);
    assert.ok(cutShort(notes));
    const atOnce = await prune({ path: place.model, recipe: { sparsity: 0.6 } }, recordedContext());
    assert.deepEqual(readFileSync(output), readFileSync(atOnce.output));
  });
});

test('the learning rate falls anew in each round where it is rewound, and over all of them where not', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const ratesWith = async (rewind: 'none' | 'rate' | 'weights') => {
      const asked: Recipe = { ...trained, schedule: 'iterative', rounds: 2, rewind, decay: 'linear' };
      const request = { path: place.model, recipe: asked, checkpoints };
      const { finetune } = await prune(request, recordedContext());
      return finetune?.epochs.map(({ learningRate }) => Number((learningRate / 0.02).toFixed(9)));
    };
    assert.deepEqual(await ratesWith('none'), [1, 0.75, 0.5, 0.25]);
    assert.deepEqual(await ratesWith('rate'), [1, 0.5, 1, 0.5]);
    assert.deepEqual(await ratesWith('weights'), [1, 0.5, 1, 0.5]);
  });
});

test('progress tells how the sparsity rises within an epoch', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const context = recordedContext();
    await prune({ path: place.model, recipe: { ...trained, schedule: 'polynomial' }, checkpoints }, context);
    const inFirst = context.seen.flatMap(({ finetune }) =>
      finetune?.epoch === 1 && finetune.validationLoss === undefined && finetune.bestEpoch !== undefined
        ? [finetune.sparsity]
        : [],
    );
    assertRising(inFirst.slice(1));
    assert.ok(new Set(inFirst).size >= 5, String(inFirst));
  });
});

test('with patience only epochs count that are as sparse as the model is to be', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const asked: Recipe = { ...trained, epochs: 8, patience: 8, schedule: 'polynomial', end: 40 };
    const { finetune, after } = await prune(
      { path: place.model, recipe: asked, checkpoints },
      recordedContext(),
    );
    assert.ok(finetune);
    const { epochs, best, kept } = finetune;
    assert.equal(after.sparsity, 0.6);
    // The last change is before step 40, in the seventh epoch.
    const counted = epochs.slice(6);
    const lowest = Math.min(...counted.map(({ validationLoss }) => validationLoss));
    assert.deepEqual([best, kept], [epochs.findIndex((one) => one.validationLoss === lowest) + 1, best]);
    assert.ok(kept >= 7);
  });
});

test('patience does not run out while weights still go', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const asked: Recipe = { ...trained, epochs: 6, patience: 1, learningRate: 1, schedule: 'epoch' };
    const { finetune } = await prune({ path: place.model, recipe: asked, checkpoints }, recordedContext());
    assert.ok((finetune?.epochs.length ?? 0) >= 5);
  });
});

test('the best weights are written with the masks that they had', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    // Exchanges go on to the end, so that every epoch has masks of its own.
    const asked: Recipe = { ...trained, epochs: 12, patience: 2, learningRate: 0.3 };
    const rigl: Recipe = { schedule: 'rigl', frequency: 1, end: 71, dropFraction: 0.5 };
    const request = { path: place.model, recipe: { ...asked, ...rigl }, checkpoints };
    const { finetune, after, output } = await prune(request, recordedContext());
    const { kept = 0, epochs = [] } = finetune ?? {};
    assert.ok(kept > 0 && kept < epochs.length, `${kept} of ${epochs.length}`);
    assert.equal(after.sparsity, 0.6);
    // Broken off in its last epoch, they come from the checkpoint.
    const context = recordedContext((progress) => progress.finetune?.epoch === epochs.length);
    await assertRefuses(() => prune(request, context), 'cancelled');
    const resumed = await prune({ ...request, output: join(place.folder, 'resumed.h5') }, recordedContext());
    assert.equal(resumed.finetune?.kept, kept);
    assert.deepEqual(readFileSync(resumed.output), readFileSync(output));
  });
});

for (const schedule of ['polynomial', 'iterative', 'epoch', 'rigl', 'constant'] as const) {
  for (const [when, epoch, told] of [
    ['within the first epoch', 1, 4],
    ['within the second', 2, 3],
    ['as an epoch ends', 2, 0],
  ] as const) {
    test(`${schedule}: ended by hand ${when}, the rest of the weights goes then`, async () => {
      await inPlace(await models['.h5'](), async (place, checkpoints) => {
        const own: Recipe =
          { rigl: { initialSparsity: 0.1 }, constant: { begin: 20 } }[schedule as 'rigl'] ?? {};
        const request = {
          path: place.model,
          recipe: { ...trained, epochs: 8, schedule, ...own },
          checkpoints,
        };
        let seen = 0;
        const context = finishedContext(({ finetune }) => finetune?.epoch === epoch && seen++ >= told);
        const { finetune, after, pruned, notes } = await prune(request, context);
        assert.ok(finetune);
        assert.equal(finetune.stopped, 'cancelled');
        assert.ok(cutShort(notes));
        assert.equal(after.sparsity, 0.6);
        const { epochs, kept, validationLossBefore } = finetune;
        const last = epochs.at(-1);
        if (!last || kept === 0) {
          // Nothing was better than the plan at once on the file's weights, which is written then.
          assert.ok(!last || !(last.validationLoss < validationLossBefore));
          assert.equal(after.loss, pruned.loss);
        } else {
          assert.deepEqual([kept, last.sparsity], [last.epoch, 0.6]);
          assert.ok(last.validationLoss < validationLossBefore);
        }
      });
    });
  }
}

test('a schedule that does not fit into the training is refused with the steps that there are', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const asked: Recipe = { ...trained, schedule: 'polynomial', end: 24 };
    await assertRefuses(
      () => prune({ path: place.model, recipe: asked, checkpoints }, recordedContext()),
      'invalidValue',
      'end is 24; expected a whole number from 0 to 23',
    );
    assert.deepEqual(place.files(), ['model.h5']);
  });
});

test('weights of layers that are not trained go little by little too', async () => {
  const config = structuredClone(smallLegacy().config) as {
    config: { layers: { config: { trainable?: boolean } }[] };
  };
  config.config.layers[0].config.trainable = false;
  await inPlace(await models['.h5']({ config }), async (place, checkpoints) => {
    const asked = { ...trained, schedule: 'polynomial' } as const;
    const { finetune, output } = await prune(
      { path: place.model, recipe: asked, checkpoints },
      recordedContext(),
    );
    assertRising(finetune?.epochs.map(({ sparsity }) => sparsity) ?? []);
    assert.equal(finetune?.epochs[3].sparsity, 0.6);
    const atOnce = await prune({ path: place.model, recipe: { sparsity: 0.6 } }, recordedContext());
    const [trainedWeights, masked] = [await weightsOf(output), await weightsOf(atOnce.output)];
    for (const [name, values] of trainedWeights)
      if (name.startsWith('lstm')) assert.deepEqual(values, masked.get(name));
  });
});

test('zeros of the file stay with a schedule, and a ramp begins at them', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const sparse = await prune({ path: place.model, recipe: { sparsity: 0.5 } }, recordedContext());
    const zeros = await weightsOf(sparse.output);
    for (const schedule of ['polynomial', 'rigl'] as const) {
      const asked: Recipe = { ...trained, sparsity: 0.75, schedule };
      const request = { path: sparse.output, recipe: asked, checkpoints };
      const { output, finetune } = await prune(request, recordedContext());
      for (const [name, values] of await weightsOf(output))
        for (const [i, value] of zeros.get(name)?.entries() ?? [])
          if (value === 0 && name.startsWith('lstm/') && !name.endsWith('bias')) assert.equal(values[i], 0);
      assert.ok(finetune?.epochs.every(({ sparsity }) => sparsity >= 0.5));
    }
  });
});

test('a target that a file has already changes no mask', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const sparse = await prune({ path: place.model, recipe: { sparsity: 0.75 } }, recordedContext());
    const asked: Recipe = { ...trained, sparsity: 0.6, schedule: 'polynomial' };
    const request = { path: sparse.output, recipe: asked, checkpoints };
    const { finetune, notes, after } = await prune(request, recordedContext());
    assert.equal(finetune?.masks?.updates, 0);
    assert.equal(after.sparsity, 0.75);
    assert.ok(notes.some(({ code }) => code === 'noteNothingPruned'));
  });
});

test('movement that only a training tells of leaves the untrained state to the magnitude', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const asked = { ...trained, schedule: 'polynomial' } as const;
    const run = (changes: Recipe) =>
      prune({ path: place.model, recipe: { ...asked, ...changes }, checkpoints }, recordedContext());
    const [moved, large] = [await run({ criterion: 'movement' }), await run({ criterion: 'magnitude' })];
    assert.deepEqual(moved.pruned, large.pruned);
    assert.notDeepEqual(readFileSync(moved.output), readFileSync(large.output));
    assert.equal(moved.recipe.criterion, 'movement');
  });
});

test('a threshold at every epoch’s end prunes what became small meanwhile', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const { sparsity: _, ...rest } = trained;
    const asked: Recipe = { ...rest, criterion: 'threshold', k: 0.8, schedule: 'epoch', l1: 0.01 };
    const { finetune, after, pruned } = await prune(
      { path: place.model, recipe: asked, checkpoints },
      recordedContext(),
    );
    assertRising(finetune?.epochs.map(({ sparsity }) => sparsity) ?? []);
    assert.ok(after.sparsity > pruned.sparsity);
    assert.equal(after.sparsity, finetune?.epochs[3].sparsity);
  });
});

test('a checkpoint that does not fit is passed over, and nothing of it stays', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const asked: Recipe = { ...trained, schedule: 'polynomial', criterion: 'movement' };
    const request = { path: place.model, recipe: asked, checkpoints };
    const whole = await prune({ ...request, output: join(place.folder, 'whole.h5') }, recordedContext());
    const inThird = recordedContext(({ finetune }) => finetune?.epoch === 3);
    await assertRefuses(() => prune(request, inThird), 'cancelled');
    const path = join(checkpoints, readdirSync(checkpoints)[0]);
    const { engine, ...stored } = await readSnapshot(path);
    const model = await openModel(place.model);
    const snapshot = asSnapshot({ engine, ...stored }, model.parameters);
    await model.close();
    assert.ok(snapshot);
    const { iterations, tensors } = snapshot.state;
    rmSync(path);
    await writeSnapshot(path, { ...snapshot, state: { iterations, tensors: tensors.slice(1) } }, engine);
    const again = await prune(request, recordedContext());
    assert.ok(again.notes.some(({ code }) => code === 'noteCheckpointUnusable'));
    assert.equal(again.finetune?.resumedAt, undefined);
    assert.deepEqual(figures(again), figures(whole));
    assert.deepEqual(readFileSync(again.output), readFileSync(whole.output));
  });
});
