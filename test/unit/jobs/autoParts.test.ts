import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { auto } from '../../../extension/jobs/auto.ts';
import { inspect } from '../../../extension/jobs/inspect.ts';
import type { AutoOptions, AutoReport } from '../../../extension/protocol/auto.ts';
import type { SplitChoice } from '../../../extension/protocol/recipe.ts';
import { finetuneData, type PartSizes } from '../../support/finetuneData.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { small } from '../../support/smallModels.ts';
import { stackedLegacy } from '../../support/stackedModel.ts';
import { assertRefuses, messageFrom } from '../../support/throwsCode.ts';
import { options, resultOf, search, trained } from './autoJobs.ts';
import { inPlace, write } from './finetuneJobs.ts';

const model = await trained();

const loose = { maxLossIncrease: '9', trials: 1 };

/** A search of one trial on data with these parts. */
async function searched(parts: PartSizes, changes: Partial<AutoOptions> = {}): Promise<AutoReport> {
  const data = write('parts.npz', finetuneData(parts));
  return inPlace(model, async (place, checkpoints) => {
    const { report } = await search(place, checkpoints, { data, ...loose, ...changes });
    return report;
  });
}

const codes = ({ notes }: AutoReport) => notes.map(({ code }) => code);

describe('what trials are compared by', () => {
  test('is the validation part, else the end of the training part, whatever is reported', async () => {
    const cases: [PartSizes, Partial<AutoOptions>, AutoReport['validation'], string][] = [
      [{ train: 40, val: 10, test: 10 }, {}, { split: 'val', samples: 10 }, 'test'],
      [{ train: 40, test: 10 }, {}, { split: 'held', samples: 4 }, 'test'],
      [{ train: 40, val: 10 }, {}, { split: 'held', samples: 4 }, 'val'],
      [{ train: 40, val: 10, test: 10 }, { split: 'train' }, { split: 'val', samples: 10 }, 'train'],
    ];
    for (const [parts, changes, validation, split] of cases) {
      const report = await searched(parts, changes);
      assert.deepEqual([report.validation, report.data.split], [validation, split]);
      assert.ok(!codes(report).includes('noteSearchReported'));
    }
  });

  test('is among what is reported where that is everything, or all of the training part, which the report says', async () => {
    const cases: [PartSizes, SplitChoice, AutoReport['validation']][] = [
      [{ train: 40, val: 10, test: 10 }, 'all', { split: 'val', samples: 10 }],
      [{ train: 40, test: 10 }, 'all', { split: 'held', samples: 4 }],
      [{ train: 40, test: 10 }, 'train', { split: 'held', samples: 4 }],
    ];
    for (const [parts, split, validation] of cases) {
      const report = await searched(parts, { split });
      assert.deepEqual([report.validation, report.data.split], [validation, split]);
      assert.ok(codes(report).includes('noteSearchReported'));
    }
  });

  test('is the reported part only where there is no other, which the report says', async () => {
    const { learningRate, ...untrained } = options;
    const data = write('test.npz', finetuneData({ train: 0, test: 20 }));
    await inPlace(model, async ({ model: path }, checkpoints) => {
      const request = { path, options: { ...untrained, ...loose, epochs: 0, data }, checkpoints };
      const report = await auto(request, recordedContext());
      assert.deepEqual(report.validation, { split: 'test', samples: 20 });
      assert.ok(codes(report).includes('noteSearchReported'));
      assert.equal(resultOf(report.trials[0]).loss, resultOf(report.trials[0]).validationLoss);
    });
  });

  test('is not the reported loss, which may be beyond the budget; then the report says so', async () => {
    const rises = ({ before, trials: [trial] }: AutoReport) => {
      const { validationLoss, loss } = resultOf(trial);
      return { validation: validationLoss - before.validationLoss, reported: loss - before.loss };
    };
    // One of them rises more on the reported part.
    for (let seed = 1; ; seed++) {
      assert.ok(seed < 9);
      const parts = { train: 96, val: 16, test: 16 };
      const { validation, reported } = rises(await searched(parts, { seed }));
      if (reported - validation < 0.01) continue;
      const between = String(Math.max(0, (validation + reported) / 2));
      const report = await searched(parts, { seed, maxLossIncrease: between });
      assert.deepEqual([report.best, codes(report).includes('noteReportedBeyond')], [1, true]);
      const wide = await searched(parts, { seed, maxLossIncrease: String(Math.max(0, reported) + 0.001) });
      assert.ok(!codes(wide).includes('noteReportedBeyond'));
      return;
    }
  });
});

describe('the engine of a search', () => {
  test('is settled once, before the trials, whose recipes name it', async () => {
    await inPlace(model, async ({ model: path }, checkpoints) => {
      // One that is chosen from but cannot be had is told of wherever a choice is made.
      const request = { path, checkpoints, tensorflow: join(path, 'nowhere') };
      const settings = { ...options, ...loose, trials: 3, engine: 'auto' } as const;
      for (const isKept of [false, true]) {
        const report = await auto({ ...request, options: settings }, recordedContext());
        assert.deepEqual(
          report.trials.map(({ recipe }) => recipe.engine),
          ['wasm', 'wasm', 'wasm'],
        );
        assert.equal(report.options.engine, 'wasm');
        const [folder] = readdirSync(checkpoints).filter((name) => name.endsWith('.trials'));
        const files = readdirSync(join(checkpoints, folder)).filter((name) => name.endsWith('.json'));
        const told = files.filter((name) =>
          readFileSync(join(checkpoints, folder, name), 'utf8').includes('noteEngineLeftOut'),
        );
        assert.deepEqual(told, ['before.json'], `${isKept}`);
      }
    });
  });
});

describe('what is searched', () => {
  test('says the epochs of a trial where they were not told', async () => {
    const { epochs, ...untold } = options;
    await inPlace(model, async ({ model: path }, checkpoints) => {
      const report = await auto({ path, options: { ...untold, ...loose }, checkpoints }, recordedContext());
      assert.equal(report.trials[0].recipe.epochs, 5);
      assert.equal(report.options.epochs, 5);
      assert.ok(codes(report).includes('noteDefaultEpochs'));
      assert.deepEqual(codes(await searched({ train: 40 }, {})).includes('noteDefaultEpochs'), false);
    });
  });

  test('are the hidden units of layers, which may leave the file', async () => {
    await inPlace(
      await writeKerasH5(write('stacked.h5', ''), stackedLegacy()),
      async (place, checkpoints) => {
        const changes = { granularity: 'unit', shrink: true, ...loose, trials: 3 } as const;
        const { report } = await search(place, checkpoints, changes);
        const [{ recipe, allocation }] = report.trials;
        assert.equal(allocation, 'sensitivity');
        assert.deepEqual(Object.keys(recipe.targets ?? {}), ['lower', 'lstm']);
        const { layers } = await inspect({ path: report.output }, recordedContext());
        assert.ok(layers.some(({ hiddenSize }, i) => hiddenSize < [4, small.hidden][i]));
        assert.ok(resultOf(report.trials[0]).reduction > 0);
      },
    );
  });

  test('are the columns of whole matrices, as an input goes through all gates', async () => {
    const { trials } = await searched({ train: 40, val: 10 }, { granularity: 'column' });
    assert.deepEqual(Object.keys(trials[0].recipe.targets ?? {}), ['lstm/kernel', 'lstm/recurrent']);
  });

  test('are the same for every layer where there is but one thing to divide among', async () => {
    const changes = { exclude: '*/recurrent,*/kernel/i,*/kernel/f,*/kernel/c', trials: 2 };
    const { trials } = await searched({ train: 40, val: 10 }, changes);
    assert.deepEqual(
      trials.map(({ allocation, recipe }) => [allocation, recipe.sparsity]),
      [
        ['uniform', 0.9],
        ['uniform', trials[1].target],
      ],
    );
  });

  test('may be judged by what only training tells, and by data', async () => {
    for (const changes of [
      { criterion: 'movement', schedule: 'polynomial' },
      { criterion: 'taylor', include: 'dense', samples: 8 },
    ] as const) {
      const { trials } = await searched({ train: 40, val: 10 }, changes);
      assert.equal(trials[0].recipe.criterion, changes.criterion);
      const parts = Object.keys(trials[0].recipe.targets ?? {});
      assert.equal(parts.includes('dense/kernel'), 'include' in changes);
    }
  });

  test('goes on where a trial comes to nothing, and fails as it did where all do', async () => {
    await inPlace(model, async (place, checkpoints) => {
      const wild = { optimizer: 'sgd', learningRate: 1e6, trials: 2 } as const;
      const { code } = await messageFrom(() => search(place, checkpoints, wild));
      assert.equal(code, 'trainingDiverged');
      const [folder] = readdirSync(checkpoints).filter((name) => name.endsWith('.trials'));
      // Both, and what was measured before them.
      assert.equal(readdirSync(join(checkpoints, folder)).filter((name) => name.endsWith('.json')).length, 3);
      assert.deepEqual(place.files(), ['model.h5']);
    });
  });

  test('is refused where it makes no sense', async () => {
    const refused = (changes: object) => () => searched({ train: 40 }, changes);
    for (const maxLossIncrease of ['', '-2%', 'two', 0.02])
      await assertRefuses(refused({ maxLossIncrease }), 'invalidValue', 'maxLossIncrease', '2%');
    for (const timeBudget of ['30', '0m', 5])
      await assertRefuses(refused({ timeBudget }), 'invalidValue', 'timeBudget', '1h30m');
    for (const trials of [0, 1.5, 'many'])
      await assertRefuses(refused({ trials }), 'invalidValue', 'trials', 'whole number from 1');
    await assertRefuses(refused({ maxLossIncrease: undefined }), 'optionMissing', 'maxLossIncrease');
    await assertRefuses(refused({ data: undefined }), 'dataNeeded');
    await assertRefuses(refused({ data: 'none.npz' }), 'fileNotFound', 'none.npz');
    await assertRefuses(refused({ criterion: 'threshold' }), 'invalidValue', 'criterion');
    await assertRefuses(refused({ granularity: 'n:m' }), 'invalidValue', 'granularity');
    await assertRefuses(refused({ criterion: 'apoz' }), 'combinationUnknown', 'unit');
    await assertRefuses(refused({ shrink: true }), 'optionsClash', 'shrink');
    await assertRefuses(refused({ exclude: 'nothing' }), 'nameUnknown', 'nothing');
  });
});
