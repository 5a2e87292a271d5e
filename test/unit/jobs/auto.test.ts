import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { auto } from '../../../extension/jobs/auto.ts';
import { evaluate } from '../../../extension/jobs/evaluate.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import type { JobProgress } from '../../../extension/protocol/requests.ts';
import { paretoFront } from '../../../extension/pruning/paretoFront.ts';
import { leftScratch, recordedContext, sha256 } from '../../support/jobContext.ts';
import { options, resultOf, search, timeless, trained } from './autoJobs.ts';
import { data, inPlace, weightsOf } from './finetuneJobs.ts';

const model = await trained();

describe('a search for the smallest model within a loss budget', () => {
  test('writes the trial with the fewest weights whose validation loss is within, and leaves the original', async () => {
    await inPlace(model, async (place, checkpoints) => {
      const original = sha256(place.model);
      const { report } = await search(place, checkpoints, { trials: 5 });
      const { trials, before, limits, best, output } = report;
      assert.equal(trials.length, 5);
      const losses = { val: before.validationLoss, test: before.loss };
      for (const split of ['val', 'test'] as const) {
        const { loss } = await evaluate({ path: place.model, data: { data, split } }, recordedContext());
        assert.ok(Math.abs(losses[split] - loss) < 1e-6, split);
      }
      assert.ok(Math.abs(limits.validation - 1.6 * before.validationLoss) < 1e-12);
      const within = trials.filter((trial) => resultOf(trial).validationLoss <= limits.validation);
      // Or nothing was tested.
      assert.ok(within.length > 1 && within.length < 5);
      assert.deepEqual(
        trials.filter((trial) => trial.within),
        within,
      );
      const fewest = Math.min(...within.map((trial) => resultOf(trial).sizes.nonzero));
      assert.equal(resultOf(trials[best - 1]).sizes.nonzero, fewest);
      assert.equal(sha256(output), sha256(resultOf(trials[best - 1]).file));
      assert.equal(sha256(place.model), original);
      assert.deepEqual(place.files(), ['model.h5', 'model.pruned.h5']);
      assert.deepEqual(leftScratch(), []);
    });
  });

  test('measures each trial on its own file, on the part that decides and on the reported one', async () => {
    await inPlace(await trained('.keras'), async (place, checkpoints) => {
      const { report } = await search(place, checkpoints, { trials: 2, maxLossIncrease: '9' });
      assert.deepEqual(report.validation, { split: 'val', samples: 32 });
      assert.deepEqual(report.data, { file: data, split: 'test', samples: 32 });
      for (const trial of report.trials) {
        const { file, validationLoss, loss } = resultOf(trial);
        const at = (split: 'val' | 'test') =>
          evaluate({ path: file, data: { data, split } }, recordedContext());
        assert.ok(Math.abs((await at('val')).loss - validationLoss) < 1e-6);
        assert.ok(Math.abs((await at('test')).loss - loss) < 1e-6);
      }
    });
  });

  test('gives for each trial a recipe that makes the same model', async () => {
    await inPlace(model, async (place, checkpoints) => {
      const { report } = await search(place, checkpoints, { trials: 3 });
      assert.deepEqual(
        report.trials.map(({ allocation }) => allocation),
        ['sensitivity', 'sensitivity', 'uniform'],
      );
      for (const trial of [report.trials[0], report.trials[2]]) {
        const { output } = await prune({ path: place.model, recipe: trial.recipe }, recordedContext());
        assert.deepEqual(await weightsOf(output), await weightsOf(resultOf(trial).file));
      }
      const { targets = {} } = report.trials[0].recipe;
      assert.deepEqual(
        Object.keys(targets),
        ['kernel', 'recurrent'].flatMap((matrix) =>
          ['i', 'f', 'c', 'o'].map((gate) => `lstm/${matrix}/${gate}`),
        ),
      );
      assert.ok(new Set(Object.values(targets)).size > 1);
      assert.deepEqual(
        [report.trials[2].recipe.targets, report.trials[2].recipe.scope],
        [undefined, 'layer'],
      );
    });
  });

  test('aims at overall sparsities, which the targets of the gates add up to', async () => {
    await inPlace(model, async (place, checkpoints) => {
      const { report } = await search(place, checkpoints);
      assert.equal(report.trials[0].target, 0.9);
      // 160 weights in 8 gates, each rounded by itself.
      for (const trial of report.trials)
        assert.ok(Math.abs(resultOf(trial).sparsity - trial.target) <= 4 / 160, `trial ${trial.id}`);
    });
  });

  test('has on its front what no other trial is smaller and better than', async () => {
    await inPlace(model, async (place, checkpoints) => {
      const { report } = await search(place, checkpoints, { trials: 5 });
      const sized = report.trials.map((trial) => {
        const { sizes, validationLoss } = resultOf(trial);
        return { id: trial.id, size: sizes.nonzero, loss: validationLoss };
      });
      assert.deepEqual(
        report.front,
        paretoFront(sized).map(({ id }) => id),
      );
      assert.ok(report.front.includes(report.best));
    });
  });

  test('with the same seed comes to the same, and with another to something else', async () => {
    await inPlace(model, async (place, checkpoints) => {
      const run = (folder: string, seed: number) =>
        search(place, join(checkpoints, folder), { seed, trials: 3 });
      const [once, again, other] = [await run('a', 1), await run('b', 1), await run('c', 2)];
      assert.deepEqual(timeless(again), timeless(once));
      assert.equal(sha256(again.report.output), sha256(once.report.output));
      const losses = ({ report }: typeof once) => report.trials.map((one) => resultOf(one).validationLoss);
      assert.notDeepEqual(losses(other), losses(once));
    });
  });

  test('ends by the clock only between trials, and says so; the first is always made', async () => {
    await inPlace(model, async (place, checkpoints) => {
      const loose = { maxLossIncrease: '9' };
      const short = await search(place, checkpoints, { ...loose, timeBudget: '0.001s', trials: 9 });
      assert.deepEqual([short.report.trials.length, short.report.stopped], [1, 'time']);
      const left = short.seen.flatMap(({ search }) => search?.secondsLeft ?? []);
      assert.ok(left.length > 0 && left.every((seconds) => seconds === 0));
      const long = await search(place, checkpoints, { ...loose, timeBudget: '9h', trials: 2 });
      assert.deepEqual([long.report.trials.length, long.report.stopped], [2, 'trials']);
    });
  });

  test('ended by hand writes the best of the trials that are whole', async () => {
    await inPlace(model, async (place, checkpoints) => {
      const finish = new AbortController();
      const progress = ({ search, stage }: JobProgress) => {
        if (search?.trial === 3 && stage === 'finetune') finish.abort();
      };
      const context = { signal: new AbortController().signal, finish: finish.signal, progress };
      const request = { path: place.model, options: { ...options, maxLossIncrease: '9' }, checkpoints };
      const report = await auto(request, context);
      assert.deepEqual([report.stopped, report.trials.length, report.best], ['cancelled', 2, 2]);
      assert.ok(existsSync(report.output));
    });
  });

  test('tells the trial, what it aims at, the best so far, and never goes back', async () => {
    await inPlace(model, async (place, checkpoints) => {
      const { report, seen } = await search(place, checkpoints);
      assert.ok(seen.every(({ done }, i) => done <= 1 && (i === 0 || done >= seen[i - 1].done)));
      const stages = new Set(seen.map(({ stage }) => stage));
      for (const stage of ['open', 'evaluateBefore', 'sensitivity', 'finetune', 'write'] as const)
        assert.ok(stages.has(stage), stage);
      const told = seen.flatMap(({ search }) => search ?? []);
      for (const { id, target } of report.trials) {
        const own = told.filter(({ trial }) => trial === id);
        assert.ok(own.length > 0 && own.every(({ trials, sparsity }) => trials === 4 && sparsity === target));
      }
      const earlier = report.trials.slice(0, 3).filter(({ within }) => within);
      const [fewest] = earlier.sort((a, b) => resultOf(a).sizes.nonzero - resultOf(b).sizes.nonzero);
      assert.deepEqual(told.at(-1)?.best, { trial: fewest.id, sparsity: resultOf(fewest).sparsity });
    });
  });
});
