// How a training with a schedule ends: which epochs may be the best, and what becomes of weights that are still to go.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { prune } from '../../../extension/jobs/prune.ts';
import type { Message } from '../../../extension/protocol/messages.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { finishedContext, inPlace, models, trained } from './finetuneJobs.ts';

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
