import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openModel } from '../../../extension/formats/open.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import type { PruneReport } from '../../../extension/protocol/report.ts';
import { readSnapshot, writeSnapshot } from '../../../extension/training/checkpoint.ts';
import { asSnapshot } from '../../../extension/training/storedSnapshot.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { inPlace, models, recipe, trained, weightsOf } from './finetuneJobs.ts';

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
