// Jobs that let the original teach, with targets and without.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runtime } from '../../../extension/engine/wasm/runtime.ts';
import type { JobContext } from '../../../extension/jobs/context.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import type { PruneReport } from '../../../extension/protocol/report.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { floats, integers } from '../../support/npy.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { small, smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { npzBytes } from '../../support/zip.ts';
import { brokenOff, data, inPlace, models, recipe, write } from './finetuneJobs.ts';

const original = await models['.h5']();
const { steps, inputs } = small;
const x = (count: number, seed: number) =>
  floats([count, steps, inputs], randomFloats(count * steps * inputs, seeded(seed)));
const inputsAlone = write('inputs.npz', npzBytes({ x_train: x(96, 1), x_test: x(32, 2) }));

/** Prunes and trains a small model; gives the report and what was written. Nothing may stay in the engine. */
async function run(
  asked: Recipe,
  model = original,
  context: JobContext = recordedContext(),
): Promise<{ report: PruneReport; bytes: Buffer }> {
  try {
    return await inPlace(model, async (place, checkpoints) => {
      const report = await prune({ path: place.model, recipe: asked, checkpoints }, context);
      assert.deepEqual(readdirSync(checkpoints), []);
      return { report, bytes: readFileSync(report.output) };
    });
  } finally {
    assert.throws(runtime, /has not been started/);
  }
}

const distillation: Recipe = { ...recipe, epochs: 8, recovery: 'distillation' };

test('distillation recovers a pruned model, and the report says how', async () => {
  const { report } = await run({ ...distillation, temperature: 3, mix: 0.7 });
  const { pruned, after, finetune } = report;
  assert.ok((after.loss ?? 1) < (pruned.loss ?? 0), `${pruned.loss} to ${after.loss}`);
  assert.equal(after.sparsity, pruned.sparsity);
  const { recovery, match, temperature, mix } = finetune ?? {};
  assert.deepEqual([recovery, match, temperature, mix], ['distillation', 'kl', 3, 0.7]);
  const asked = await run({ ...distillation, match: 'mse' });
  const { finetune: errors } = asked.report;
  assert.deepEqual([errors?.match, errors?.temperature, errors?.mix], ['mse', undefined, 0.5]);
  assert.deepEqual((await run(recipe)).report.finetune?.recovery, 'supervised');
});

test('temperature, mix and match each train other weights, and the recorded recipe the same', async () => {
  const { report, bytes } = await run(distillation);
  const { match, temperature, mix } = report.recipe;
  assert.deepEqual([match, temperature, mix], ['kl', 2, 0.5]);
  assert.ok((await run(report.recipe)).bytes.equals(bytes));
  for (const other of [{ temperature: 4 }, { mix: 0.9 }, { match: 'mse' }] as const)
    assert.ok(!(await run({ ...distillation, ...other })).bytes.equals(bytes), JSON.stringify(other));
  // All of the targets and nothing of the teacher is what supervised training is.
  const supervised = await run({ ...recipe, epochs: 8 });
  assert.ok((await run({ ...distillation, mix: 0 })).bytes.equals(supervised.bytes));
});

for (const match of ['kl', 'mse'] as const) {
  test(`without targets a model comes closer to the original by ${match}, which is reported instead of a loss`, async () => {
    const asked: Recipe = { ...recipe, data: inputsAlone, epochs: 12, recovery: 'unsupervised', match };
    const { report } = await run(asked);
    const { before, pruned, after, finetune } = report;
    for (const state of [before, pruned, after])
      assert.deepEqual([state.loss, state.lossName, state.metrics], [undefined, undefined, undefined]);
    assert.equal(before.divergence, undefined);
    assert.deepEqual({ ...after.divergence, value: 0 }, { value: 0, kind: 'kl', samples: 32, steps });
    const [far, near] = [pruned.divergence?.value ?? 0, after.divergence?.value ?? 1];
    assert.ok(near < far / 2, `${far} to ${near}`);
    assert.deepEqual([report.data?.split, report.data?.samples], ['test', 32]);
    assert.match(report.engine ?? '', /WebAssembly/);
    const { recovery, mix, trainSamples, validationSplit, epochs = [] } = finetune ?? {};
    assert.deepEqual([recovery, finetune?.match, mix], ['unsupervised', match, undefined]);
    assert.deepEqual([trainSamples, validationSplit], [86, 'held']);
    assert.ok(epochs[11].validationLoss < (finetune?.validationLossBefore ?? 0));
  });
}

test('targets that are there are reported by, and do not change what is learned', async () => {
  const unsupervised: Recipe = { ...recipe, recovery: 'unsupervised' };
  const labelled = (label: number) => {
    const y = (count: number) => integers([count], Array(count).fill(label));
    const arrays = { x_train: x(60, 7), y_train: y(60), x_test: x(20, 8), y_test: y(20) };
    return write('labelled.npz', npzBytes(arrays));
  };
  const [zeros, ones] = [
    await run({ ...unsupervised, data: labelled(0) }),
    await run({ ...unsupervised, data: labelled(1) }),
  ];
  assert.ok(zeros.bytes.equals(ones.bytes));
  const [first, second] = [zeros, ones].map(({ report }) => report.finetune?.epochs[0].validationLoss);
  assert.ok(first !== undefined && first === second);
  const { after } = zeros.report;
  assert.ok(after.loss !== undefined && after.divergence === undefined);
  assert.notEqual(after.loss, ones.report.after.loss);
});

test('.npy files of inputs alone are enough', async () => {
  const file = write('x.npy', x(80, 5));
  const { data: _, ...rest } = recipe;
  const { report } = await run({ ...rest, x: file, recovery: 'unsupervised' });
  assert.deepEqual([report.data?.split, report.data?.samples], ['tail', 16]);
  assert.ok((report.after.divergence?.value ?? 0) > 0);
});

test('a model that was taken further from the original says so, and what to try', async () => {
  const asked: Recipe = { ...recipe, sparsity: 0.05, data: inputsAlone, recovery: 'unsupervised' };
  const { report } = await run({ ...asked, learningRate: 0.5, epochs: 2 });
  const note = report.notes.find(({ code }) => code === 'noteFurtherThanPruned');
  assert.ok(note, JSON.stringify(report.notes));
  const quiet = await run({ ...asked, sparsity: 0.6, epochs: 8 });
  assert.ok(!quiet.report.notes.some(({ code }) => code === 'noteFurtherThanPruned'));
});

for (const [name, teaching] of Object.entries({
  distillation: { recovery: 'distillation' },
  unsupervised: { recovery: 'unsupervised', data: inputsAlone },
} satisfies Record<string, Recipe>)) {
  test(`${name} that was broken off goes on to the same bytes, and by another setting begins anew`, async () => {
    await inPlace(original, async (place, checkpoints) => {
      const whole = await run({ ...recipe, epochs: 5, ...teaching }, place.model);
      await brokenOff(place, checkpoints, teaching);
      assert.throws(runtime, /has not been started/);
      const other = { ...recipe, epochs: 5, ...teaching, temperature: 7 };
      const request = { path: place.model, force: true, checkpoints };
      const anew = await prune({ ...request, recipe: other }, recordedContext());
      assert.equal(anew.finetune?.resumedAt, undefined);
      const again = { ...recipe, epochs: 5, ...teaching };
      const resumed = await prune({ ...request, recipe: again }, recordedContext());
      assert.equal(resumed.finetune?.resumedAt, 2);
      assert.ok(readFileSync(resumed.output).equals(whole.bytes));
    });
  });
}

test('nothing stays in the engine of a training that explodes, is cancelled or refused', async () => {
  const wild: Recipe = { ...distillation, learningRate: 1e6, optimizer: 'sgd' };
  await assertRefuses(() => run(wild), 'trainingDiverged');
  const cancelled = recordedContext(({ finetune }) => finetune?.epoch === 2);
  await assertRefuses(() => run(distillation, original, cancelled), 'cancelled');
  const early = recordedContext(({ stage }) => stage === 'evaluatePruned');
  await assertRefuses(() => run({ ...distillation, data }, original, early), 'cancelled');
  const { data: _, ...rest } = recipe;
  const unlabelled: Recipe = { ...rest, data: inputsAlone };
  await assertRefuses(() => run({ ...unlabelled, recovery: 'distillation' }), 'arrayMissing');
  await assertRefuses(
    () => run({ ...unlabelled, recovery: 'unsupervised', criterion: 'taylor' }),
    'criterionNeedsTargets',
    'taylor',
  );
});

test('a criterion that needs no gradients needs no targets either', async () => {
  const asked: Recipe = { ...recipe, data: inputsAlone, recovery: 'unsupervised', criterion: 'wanda' };
  assert.ok(((await run(asked)).report.after.divergence?.value ?? 0) > 0);
});

test('linear outputs have no probabilities to be matched by kl', async () => {
  const { config, layers } = smallLegacy();
  const linear = JSON.parse(JSON.stringify(config).replace('"softmax"', '"linear"'));
  const model = await models['.h5']({ config: linear, layers });
  const asked: Recipe = { ...recipe, data: inputsAlone, recovery: 'unsupervised' };
  await assertRefuses(() => run({ ...asked, match: 'kl' }, model), 'matchLinear', 'model.h5');
  const { report } = await run(asked, model);
  assert.deepEqual([report.finetune?.match, report.after.divergence?.kind], ['mse', 'relative-mse']);
});

test('group lasso takes whole hidden units that were not pruned, and with shrink they leave the file', async () => {
  const asked: Recipe = { ...recipe, granularity: 'unit', sparsity: 0.2, epochs: 20, shrink: true };
  const plain = await run(asked);
  const { report } = await run({ ...asked, groupLasso: 1 });
  const [units, left] = [plain.report, report].map(({ after }) => after.layers[0].hiddenSize);
  assert.equal(units, 4);
  assert.ok(left < 4, `${left}`);
  assert.equal(report.recipe.groupLasso, 1);
});
