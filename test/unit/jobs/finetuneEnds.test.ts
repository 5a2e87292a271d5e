import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import { runtime } from '../../../extension/engine/wasm/runtime.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import { leftScratch, recordedContext } from '../../support/jobContext.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { finishedContext, inPlace, models, recipe } from './finetuneJobs.ts';

for (const suffix of ['.h5', '.keras'] as const) {
  test(`${suffix}: given up at any moment, nothing is left but a checkpoint, and it says so`, async () => {
    await inPlace(await models[suffix](), async (place, checkpoints) => {
      const request = { path: place.model, recipe: { ...recipe, epochs: 2, resume: false }, checkpoints };
      const whole = recordedContext();
      const { output } = await prune(request, whole);
      await rm(output);
      const stages = [
        'open',
        'evaluateBefore',
        'prune',
        'evaluatePruned',
        'finetune',
        'write',
        'verify',
        'evaluateAfter',
      ];
      assert.deepEqual([...new Set(whole.seen.map(({ stage }) => stage))], stages);
      const shares = whole.seen.map(({ done }) => done);
      assert.deepEqual(
        shares,
        shares.toSorted((a, b) => a - b),
      );
      assert.ok(shares.every((share) => share <= 1));
      for (let n = 0; n < whole.seen.length; n += 2) {
        let reports = 0;
        await assertRefuses(
          () =>
            prune(
              request,
              recordedContext(() => reports++ === n),
            ),
          'cancelled',
        );
        assert.equal(place.files().length, 1, `cancelled at ${n}: ${whole.seen[n].stage}`);
      }
      assert.deepEqual(leftScratch(), []);
    });
  });
}

test('ended by hand, the best weights so far are written and reported', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const request = { path: place.model, recipe: { ...recipe, epochs: 50 }, checkpoints };
    const context = finishedContext(({ finetune }) => finetune?.epoch === 3);
    const report = await prune(request, context);
    const { finetune } = report;
    assert.ok(finetune);
    assert.equal(finetune.stopped, 'cancelled');
    assert.ok(finetune.epochs.length >= 2 && finetune.epochs.length <= 3);
    const losses = finetune.epochs.map(({ validationLoss }) => validationLoss);
    assert.equal(finetune.kept, losses.indexOf(Math.min(...losses)) + 1);
    assert.ok((report.after.loss ?? 1) < (report.pruned.loss ?? 0));
    assert.deepEqual(readdirSync(checkpoints), []);
  });
});

test('ended by hand before the first step, the pruned weights are written', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const context = finishedContext(({ stage }) => stage === 'finetune');
    const report = await prune({ path: place.model, recipe, checkpoints }, context);
    assert.deepEqual([report.finetune?.epochs, report.finetune?.kept], [[], 0]);
    const untrained = await prune({ path: place.model, recipe: { sparsity: 0.6 } }, recordedContext());
    assert.deepEqual(readFileSync(report.output), readFileSync(untrained.output));
  });
});

/** A penalty that makes the weights larger with every step, and in the second epoch too large. */
const growing = { optimizer: 'sgd', learningRate: 0.1, l2: 12 } as const;

test('a loss that grows beyond all measure writes nothing and leaves no checkpoint', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const request = { path: place.model, recipe: { ...recipe, ...growing }, checkpoints };
    let kept = 0;
    const context = recordedContext(({ finetune }) => {
      if (finetune?.epoch === 2) kept = readdirSync(checkpoints).length;
      return false;
    });
    await assertRefuses(
      () => prune(request, context),
      'trainingDiverged',
      'epoch 2',
      'learning rate of 0.001',
      'clip',
    );
    assert.equal(kept, 1);
    assert.deepEqual([place.files(), readdirSync(checkpoints)], [['model.h5'], []]);
  });
});

test('ended by hand within the first epoch, what was trained of it is written where it is better', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    // Six steps an epoch; told of the loss before the second.
    let told = 0;
    const context = finishedContext(({ finetune }) => finetune?.loss !== undefined && ++told === 4);
    const { finetune, pruned, after } = await prune({ path: place.model, recipe, checkpoints }, context);
    assert.ok(finetune);
    assert.deepEqual([finetune.epochs.length, finetune.kept, finetune.stopped], [1, 1, 'cancelled']);
    assert.ok(finetune.epochs[0].validationLoss < finetune.validationLossBefore);
    assert.ok((after.loss ?? 1) < (pruned.loss ?? 0));
  });
});

/** How many worker threads this process has, those that would not keep it alive too. */
let threads = 0;
let started = 0;
process.on('worker', (worker) => {
  threads++;
  started++;
  worker.once('exit', () => threads--);
});

const ways: Record<string, (request: Parameters<typeof prune>[0]) => Promise<unknown>> = {
  'it is done': (request) => prune(request, recordedContext()),
  'it is cancelled': (request) =>
    assertRefuses(
      () =>
        prune(
          request,
          recordedContext(({ finetune }) => finetune?.epoch === 2),
        ),
      'cancelled',
    ),
  'it is ended by hand': (request) =>
    prune(
      request,
      finishedContext(({ finetune }) => finetune?.epoch === 2),
    ),
  'its loss explodes': (request) => {
    const changes = { optimizer: 'sgd', learningRate: 1e5 } as const;
    return assertRefuses(
      () => prune({ ...request, recipe: { ...request.recipe, ...changes } }, recordedContext()),
      'trainingDiverged',
    );
  },
};

for (const [way, run] of Object.entries(ways)) {
  test(`once ${way}, no thread of the job is left, nor its memory`, async () => {
    await inPlace(await models['.h5'](), async (place, checkpoints) => {
      const before = started;
      await run({ path: place.model, recipe: { ...recipe, engine: 'wasm', threads: 3 }, checkpoints });
      assert.ok(started >= before + 2, `${started - before} threads were started`);
      assert.equal(threads, 0);
      assert.throws(runtime, /has not been started/);
    });
  });
}
