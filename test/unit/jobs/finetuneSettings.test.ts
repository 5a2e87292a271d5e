import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { prune } from '../../../extension/jobs/prune.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import type { PruneReport } from '../../../extension/protocol/report.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { smallLegacy } from '../../support/smallModels.ts';
import { data, inPlace, models, recipe } from './finetuneJobs.ts';

// Files that are written at different times differ in more than their weights.
const original = await models['.h5']();

/** Prunes and trains a small model; gives the report and what was written. */
function run(asked: Recipe, model = original): Promise<{ report: PruneReport; bytes: Buffer }> {
  return inPlace(model, async (place, checkpoints) => {
    const report = await prune({ path: place.model, recipe: asked, checkpoints }, recordedContext());
    return { report, bytes: readFileSync(report.output) };
  });
}

const base: Recipe = { ...recipe, optimizer: 'sgd' };
const unchanged = run(base);

const others: Recipe[] = [
  { epochs: 2 },
  { batch: 32 },
  { seed: 2 },
  { optimizer: 'rmsprop' },
  { learningRate: 0.01 },
  { momentum: 0.5 },
  { decay: 'linear' },
  { clipNorm: 0.001 },
  { l1: 0.01 },
  { l2: 0.01 },
];

test('the same settings train the same weights', async () => {
  assert.ok((await run(base)).bytes.equals((await unchanged).bytes));
});

for (const other of others) {
  test(`another ${Object.keys(other)} trains other weights`, async () => {
    const { bytes } = await run({ ...base, ...other });
    assert.ok(!bytes.equals((await unchanged).bytes));
  });
}

test('patience ends the training early and writes the weights of an earlier epoch', async () => {
  const asked: Recipe = { ...recipe, learningRate: 1, epochs: 40 };
  const { finetune } = (await run({ ...asked, patience: 2 })).report;
  assert.ok(finetune);
  assert.deepEqual([finetune.stopped, finetune.epochs.length], ['early', finetune.kept + 2]);
  const { bytes } = await run({ ...asked, patience: 2 });
  assert.ok(!bytes.equals((await run({ ...asked, epochs: finetune.epochs.length })).bytes));
  assert.ok(bytes.equals((await run({ ...asked, epochs: finetune.kept })).bytes));
});

test('the recorded recipe names what decided the weights, and gives the same bytes again', async () => {
  const { report, bytes } = await run({ sparsity: 0.6, data, epochs: 2 });
  const { optimizer, learningRate, batch, seed } = report.recipe;
  assert.deepEqual([optimizer, learningRate, batch, seed], ['adam', 0.001, 64, 1]);
  assert.deepEqual((await run(report.recipe)).bytes, bytes);
  const asked = await run({ sparsity: 0.6, data, epochs: 1, batch: 16, seed: 5 });
  assert.deepEqual([asked.report.recipe.batch, asked.report.recipe.seed], [16, 5]);
  const untrained = await run({ sparsity: 0.6, data });
  assert.ok(!('seed' in untrained.report.recipe || 'batch' in untrained.report.recipe));
});

test('a training that did more harm than good says so, and what to try', async () => {
  const harm = ({ notes }: PruneReport) => notes.find(({ code }) => code === 'noteWorseThanPruned')?.args;
  const bad: Recipe = { ...recipe, learningRate: 5 };
  const { report } = await run(bad);
  assert.ok((report.after.loss ?? 0) > (report.pruned.loss ?? 1));
  assert.deepEqual(harm(report), {
    pruned: String(Number(report.pruned.loss?.toPrecision(4))),
    after: String(Number(report.after.loss?.toPrecision(4))),
    remedy: { code: 'remedyRateOrClip', args: { rate: '0.001' } },
  });
  assert.equal(harm((await run(recipe)).report), undefined);
  // Steps too small to be seen in a loss.
  assert.equal(harm((await run({ ...recipe, learningRate: 1e-12 })).report), undefined);
  const kept = (await run({ ...bad, patience: 1 })).report;
  assert.deepEqual([kept.finetune?.kept, harm(kept)], [0, undefined]);
});

test('a model that was bad before it was pruned may become as bad while it is trained', async () => {
  const { layers } = smallLegacy();
  const [lstm, dense] = layers;
  const weights = dense.weights.map((weight) => ({
    ...weight,
    values: Float32Array.from(weight.values, (value) => value * 40),
  }));
  const model = await models['.h5']({ layers: [lstm, { ...dense, weights }] });
  // A penalty that makes the weights larger with every step.
  const { report } = await run({ ...base, epochs: 1, learningRate: 0.1, l2: 13 }, model);
  const { before, pruned, finetune } = report;
  const [{ validationLoss }] = finetune?.epochs ?? [];
  assert.ok(validationLoss > 4 * (pruned.loss ?? 0) && validationLoss < 10 * (before.loss ?? 0));
});
