import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { evaluate } from '../../../extension/jobs/evaluate.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { finetuneData } from '../../support/finetuneData.ts';
import { leftScratch, recordedContext, sha256 } from '../../support/jobContext.ts';
import { smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { data, inPlace, models, recipe, weightsOf, write } from './finetuneJobs.ts';

for (const suffix of ['.h5', '.keras'] as const) {
  test(`${suffix}: before, pruned and after are three states, and the losses those of their files`, async () => {
    await inPlace(await models[suffix](), async (place, checkpoints) => {
      const original = sha256(place.model);
      const untrained = await prune(
        { path: place.model, recipe: { sparsity: 0.6, data } },
        recordedContext(),
      );
      const request = { path: place.model, recipe: { ...recipe, epochs: 8 }, checkpoints };
      const report = await prune(request, recordedContext());
      const { finetune, pruned, after, before } = report;
      assert.ok(finetune);
      assert.deepEqual(before, untrained.before);
      // The plan at once, as without training; only the last digits of a float32 loss may differ between two engines' ways.
      const { loss: prunedLoss, ...prunedRest } = pruned;
      const { loss: untrainedLoss, ...untrainedRest } = untrained.after;
      assert.deepEqual(prunedRest, untrainedRest);
      assert.ok(Math.abs((prunedLoss ?? 0) - (untrainedLoss ?? 1)) < 1e-6);
      assert.ok((after.loss ?? 1) < (pruned.loss ?? 0), `${pruned.loss} to ${after.loss}`);
      assert.equal(after.sparsity, pruned.sparsity);
      const evaluated = await evaluate({ path: report.output, data: { data } }, recordedContext());
      assert.equal(after.loss, evaluated.loss);
      assert.deepEqual(
        finetune.epochs.map(({ epoch, sparsity }) => [epoch, sparsity]),
        Array.from({ length: 8 }, (_, i) => [i + 1, 0.6]),
      );
      const { optimizer, learningRate, trainSamples, validationSamples, validationSplit } = finetune;
      assert.deepEqual(
        [
          optimizer,
          learningRate,
          trainSamples,
          validationSamples,
          validationSplit,
          finetune.stopped,
          finetune.kept,
        ],
        ['adam', 0.02, 96, 32, 'val', 'done', 8],
      );
      assert.equal(finetune.resumedAt, undefined);
      assert.deepEqual([report.recipe.optimizer, report.recipe.learningRate], ['adam', 0.02]);
      assert.equal(report.data?.split, 'test');
      assert.equal(sha256(place.model), original);
      assert.deepEqual(readdirSync(checkpoints), []);
      assert.deepEqual(leftScratch(), []);
    });
  });

  test(`${suffix}: what was pruned is 0 in the trained file, and every other weight has moved`, async () => {
    await inPlace(await models[suffix](), async (place, checkpoints) => {
      const untrained = await prune({ path: place.model, recipe: { sparsity: 0.6 } }, recordedContext());
      const trained = await prune({ path: place.model, recipe, checkpoints }, recordedContext());
      const [masked, after] = [await weightsOf(untrained.output), await weightsOf(trained.output)];
      for (const name of ['lstm/kernel', 'lstm/recurrent_kernel']) {
        const [a, b] = [masked.get(name), after.get(name)];
        assert.ok(a && b);
        for (const [i, value] of a.entries()) {
          if (value === 0) assert.equal(b[i], 0);
          else assert.notEqual(b[i], value);
        }
      }
    });
  });
}

test('without a validation part the last tenth of the training part takes its place', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    for (const [parts, expected] of [
      [{ train: 40, test: 10 }, ['held', 36, 4, 'test']],
      [{ train: 40, val: 10 }, ['held', 36, 4, 'val']],
      [{ train: 50 }, ['held', 36, 4, 'tail']],
      [{ train: 1, val: 2 }, ['val', 1, 2, 'val']],
    ] as const) {
      const file = write('parts.npz', finetuneData(parts));
      const { finetune, data, notes } = await prune(
        { path: place.model, recipe: { ...recipe, data: file, epochs: 1 }, checkpoints },
        recordedContext(),
      );
      const found = [
        finetune?.validationSplit,
        finetune?.trainSamples,
        finetune?.validationSamples,
        data?.split,
      ];
      assert.deepEqual(found, expected);
      assert.equal(
        notes.some(({ code }) => code === 'noteValidationReported'),
        expected[0] === 'val',
      );
    }
  });
});

test('a report on what was trained on says so', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    for (const split of ['train', 'all'] as const) {
      const { notes } = await prune(
        { path: place.model, recipe: { ...recipe, split, epochs: 1 }, checkpoints },
        recordedContext(),
      );
      assert.ok(notes.some(({ code }) => code === 'noteReportedTrained'));
    }
  });
});

test('data without a training part is refused before anything is measured', async () => {
  const file = write('test.npz', finetuneData({ train: 0, test: 20 }));
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const context = recordedContext();
    await assertRefuses(
      () => prune({ path: place.model, recipe: { ...recipe, data: file }, checkpoints }, context),
      'splitMissing',
      'train',
    );
    assert.ok(context.seen.every(({ stage }) => stage === 'open'));
    assert.deepEqual(place.files(), ['model.h5']);
  });
});

test('layers that the file marks as not trainable stay as they are; where none is left it is refused', async () => {
  const config = structuredClone(smallLegacy().config) as {
    config: { layers: { config: { trainable?: boolean } }[] };
  };
  config.config.layers[0].config.trainable = false;
  await inPlace(await models['.h5']({ config }), async (place, checkpoints) => {
    const { output } = await prune({ path: place.model, recipe, checkpoints }, recordedContext());
    const pruned = await prune({ path: place.model, recipe: { sparsity: 0.6 } }, recordedContext());
    const [trained, masked] = [await weightsOf(output), await weightsOf(pruned.output)];
    for (const [name, values] of trained) {
      if (name.startsWith('lstm')) assert.deepEqual(values, masked.get(name));
      else assert.notDeepEqual(values, masked.get(name));
    }
  });
  config.config.layers[1].config.trainable = false;
  await inPlace(await models['.h5']({ config }), (place, checkpoints) =>
    assertRefuses(
      () => prune({ path: place.model, recipe, checkpoints }, recordedContext()),
      'notTrainable',
      'not trainable',
    ),
  );
});

test('the optimizer is that of the file, unless the recipe names another', async () => {
  const training = {
    loss: 'sparse_categorical_crossentropy',
    optimizer_config: { class_name: 'SGD', config: { learning_rate: 0.25, momentum: 0.5, nesterov: true } },
  };
  await inPlace(await models['.h5']({ training }), async (place, checkpoints) => {
    const run = async (changes: Recipe) => {
      const { learningRate: _, ...rest } = recipe;
      const { finetune, recipe: recorded } = await prune(
        { path: place.model, recipe: { ...rest, epochs: 1, ...changes }, checkpoints },
        recordedContext(),
      );
      assert.deepEqual(
        [recorded.optimizer, recorded.learningRate],
        [finetune?.optimizer, finetune?.learningRate],
      );
      return [finetune?.optimizer, finetune?.learningRate, recorded.momentum];
    };
    assert.deepEqual(await run({}), ['sgd', 0.25, 0.5]);
    assert.deepEqual(await run({ learningRate: 0.1 }), ['sgd', 0.1, 0.5]);
    assert.deepEqual(await run({ optimizer: 'adam' }), ['adam', 0.001, undefined]);
    assert.deepEqual(await run({ optimizer: 'rmsprop', momentum: 0.25 }), ['rmsprop', 0.001, 0.25]);
  });
});

test('0 epochs train nothing', async () => {
  await inPlace(await models['.h5'](), async (place) => {
    const report = await prune(
      { path: place.model, recipe: { sparsity: 0.5, data, epochs: 0 } },
      recordedContext(),
    );
    assert.equal(report.finetune, undefined);
    assert.deepEqual(report.pruned, report.after);
  });
});
