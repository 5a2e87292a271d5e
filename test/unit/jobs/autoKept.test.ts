import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { auto } from '../../../extension/jobs/auto.ts';
import type { AutoOptions } from '../../../extension/protocol/auto.ts';
import type { JobProgress } from '../../../extension/protocol/requests.ts';
import { leftScratch, recordedContext, sha256 } from '../../support/jobContext.ts';
import { assertRefuses, messageFrom } from '../../support/throwsCode.ts';
import { made, options, resultOf, search, timeless, trained } from './autoJobs.ts';
import { inPlace, write } from './finetuneJobs.ts';

const model = await trained();

/** The folder in which the trials of the one search are kept. */
function folderIn(checkpoints: string): string {
  const [name] = readdirSync(checkpoints).filter((one) => one.endsWith('.trials'));
  return join(checkpoints, name);
}

describe('the trials of a search are kept', () => {
  test('so that one that was broken off within its third goes on behind the second, to the same front', async () => {
    await inPlace(model, async (place, checkpoints) => {
      const third = ({ search, stage }: JobProgress) => search?.trial === 3 && stage === 'finetune';
      await assertRefuses(() => search(place, checkpoints, {}, third), 'cancelled');
      assert.deepEqual(place.files(), ['model.h5']);
      const resumed = await search(place, checkpoints);
      assert.deepEqual(made(resumed), [3, 4]);
      const unbroken = await search(place, join(checkpoints, 'other'));
      assert.deepEqual(made(unbroken), [1, 2, 3, 4]);
      assert.deepEqual(timeless(resumed), timeless(unbroken));
      assert.equal(sha256(resumed.report.output), sha256(unbroken.report.output));
    });
  });

  test('so that the same search gives its result at once, and one of more trials goes on', async () => {
    await inPlace(model, async (place, checkpoints) => {
      const once = await search(place, checkpoints);
      const again = await search(place, checkpoints);
      assert.ok(again.seen.every(({ stage }) => stage === 'open' || stage === 'write'));
      assert.deepEqual(timeless(again), timeless(once));
      const more = await search(place, checkpoints, { trials: 6 });
      // The fourth was the last and so the one to compare.
      assert.deepEqual(
        more.report.trials.slice(0, 3).map(({ target }) => target),
        once.report.trials.slice(0, 3).map(({ target }) => target),
      );
      assert.deepEqual(
        made(more).filter((trial) => trial < 4),
        [],
      );
    });
  });

  test('and counted with the time that they took, so that a time budget ends where it did', async () => {
    await inPlace(model, async (place, checkpoints) => {
      const loose = { maxLossIncrease: '9' };
      const { report } = await search(place, checkpoints, { ...loose, trials: 2 });
      const taken = report.trials.reduce((sum, { seconds }) => sum + seconds, 0);
      const timeBudget = `${taken.toFixed(3)}s`;
      const { trials, ...untold } = options;
      const request = { path: place.model, options: { ...untold, ...loose, timeBudget }, checkpoints };
      // What was measured before the trials counts too, so that there is no time for a third.
      for (let n = 0; n < 2; n++) {
        const again = await auto(request, recordedContext());
        assert.deepEqual([again.stopped, again.trials.length < 3], ['time', true]);
      }
    });
  });

  test('but made again where the model file is not what it was, and all of them where it is told to', async () => {
    await inPlace(model, async (place, checkpoints) => {
      const { report } = await search(place, checkpoints);
      writeFileSync(resultOf(report.trials[0]).file, 'something else');
      rmSync(resultOf(report.trials[2]).file);
      assert.deepEqual(made(await search(place, checkpoints)), [1, 3]);
      assert.deepEqual(made(await search(place, checkpoints, { resume: false })), [1, 2, 3, 4]);
      const folder = folderIn(checkpoints);
      for (const name of readdirSync(folder))
        if (name.endsWith('.json')) writeFileSync(join(folder, name), '{"version":');
      const anew = await search(place, checkpoints);
      assert.deepEqual(made(anew), [1, 2, 3, 4]);
      assert.deepEqual(timeless(anew), timeless({ report }));
    });
  });

  test('for every loss budget and number of threads, and for no other model, data or settings', async () => {
    await inPlace(model, async (place, checkpoints) => {
      const run = async (changes: Partial<AutoOptions>) =>
        made(await search(place, checkpoints, { trials: 1, maxLossIncrease: '9', ...changes }));
      assert.deepEqual(await run({}), [1]);
      assert.deepEqual(await run({ maxLossIncrease: '2' }), []);
      assert.deepEqual(await run({ threads: 2 }), []);
      assert.deepEqual(await run({ compress: true }), [1]);
      assert.deepEqual(await run({ learningRate: 0.01 }), [1]);
      const later = new Date(Date.now() + 5000);
      utimesSync(place.model, later, later);
      assert.deepEqual(await run({}), [1]);
    });
  });

  test('for a month after they were last asked for', async () => {
    await inPlace(model, async (place, checkpoints) => {
      const [old, recent] = ['a.trials', 'b.trials'].map((name) => join(checkpoints, name));
      const age = (path: string, days: number) => {
        const then = new Date(Date.now() - days * 24 * 60 * 60 * 1000);
        utimesSync(path, then, then);
      };
      for (const folder of [old, recent]) {
        mkdirSync(folder);
        writeFileSync(join(folder, 'trial.h5'), '');
      }
      age(old, 31);
      age(recent, 29);
      const quick = { trials: 1, maxLossIncrease: '9' };
      await search(place, checkpoints, quick);
      const own = readdirSync(checkpoints).filter((name) => name !== 'b.trials');
      assert.deepEqual(readdirSync(checkpoints).sort(), [...own, 'b.trials'].sort());
      assert.equal(own.length, 1);
      age(join(checkpoints, own[0]), 29);
      assert.deepEqual(made(await search(place, checkpoints, quick)), []);
      age(recent, 31);
      await search(place, checkpoints, quick);
      assert.deepEqual(readdirSync(checkpoints), own);
    });
  });

  test('where nothing is within the budget: the nearest trial is named, and nothing written', async () => {
    await inPlace(model, async (place, checkpoints) => {
      const { learningRate, ...untrained } = {
        ...options,
        ...{ epochs: 0, maxLossIncrease: '0', trials: 1 },
      };
      const run = () => auto({ path: place.model, options: untrained, checkpoints }, recordedContext());
      const { args } = await messageFrom(run);
      await assertRefuses(run, 'budgetNotReached', `trial ${args.trial} with`, '--max-loss-increase');
      assert.deepEqual(args.remedy, { code: 'remedyTrials', args: {} });
      assert.deepEqual(place.files(), ['model.h5']);
      const kept = readdirSync(folderIn(checkpoints)).filter((name) => name.endsWith('.h5'));
      assert.equal(kept.length, 1);
      const enough = { ...untrained, maxLossIncrease: String(args.loss) };
      const report = await auto({ path: place.model, options: enough, checkpoints }, recordedContext());
      const losses = report.trials.map((trial) => resultOf(trial).validationLoss);
      assert.deepEqual(
        [Math.min(...losses), losses.indexOf(Math.min(...losses)) + 1],
        [args.loss, args.trial],
      );
    });
  });

  test('at whatever moment the search is given up, which leaves nothing else behind', async () => {
    await inPlace(model, async (place, checkpoints) => {
      const changes = { trials: 2, resume: false, maxLossIncrease: '9' };
      const { seen } = await search(place, join(checkpoints, 'whole'), changes);
      rmSync(join(place.folder, 'model.pruned.h5'));
      for (let n = 0; n < seen.length; n += Math.ceil(seen.length / 12)) {
        let reports = 0;
        await assertRefuses(() => search(place, checkpoints, changes, () => reports++ === n), 'cancelled');
        assert.deepEqual(place.files(), ['model.h5']);
      }
      assert.deepEqual(leftScratch(), []);
    });
  });

  test('in a folder that must take them', async () => {
    await inPlace(model, async (place) => {
      const file = write('file', '');
      await assertRefuses(() => search(place, join(file, 'folder')), 'cannotWrite', 'folder');
    });
  });
});
