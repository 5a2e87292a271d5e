// Whole layers leave a file, and what remains is trained, judged and verified as a model of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openModel } from '../../../extension/formats/open.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import type { PruneReport } from '../../../extension/protocol/report.ts';
import { deepLegacy } from '../../support/deepModel.ts';
import { leftScratch, recordedContext, sha256 } from '../../support/jobContext.ts';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { lowerHidden } from '../../support/stackedModel.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { data, inPlace, weightsOf, write } from './finetuneJobs.ts';

const layer: Recipe = { granularity: 'layer', sparsity: 1 };
const trained: Recipe = { ...layer, data, epochs: 3, batch: 16, learningRate: 0.02 };

/** Prunes the deep model, and looks at what came of it while it is there. */
async function pruned<T>(
  recipe: Recipe,
  look: (report: PruneReport, original: string) => Promise<T>,
): Promise<T> {
  const model = await writeKerasH5(write('deep.h5', ''), deepLegacy());
  return inPlace(model, async (place, checkpoints) => {
    const report = await prune({ path: place.model, recipe, checkpoints }, recordedContext());
    return look(report, place.model);
  });
}

test('a layer leaves the file, the others keep their weights, and the report says what became of which', async () => {
  await pruned(layer, async (report, original) => {
    const written = await openModel(report.output);
    try {
      assert.deepEqual(
        written.layers.map(({ name }) => name),
        ['lower', 'lstm'],
      );
    } finally {
      await written.close();
    }
    const [before, after] = [await weightsOf(original), await weightsOf(report.output)];
    for (const name of before.keys()) if (name.startsWith('middle/')) before.delete(name);
    assert.deepEqual(after, before);
    assert.deepEqual(report.shrink, {
      layers: [{ name: 'middle', before: lowerHidden, after: 0 }],
      frozen: [
        { layers: ['lower'], reason: { code: 'reasonLayerWidth', args: { inputs: 3, outputs: 4 } } },
        { layers: ['lstm'], reason: { code: 'reasonLayerLastStep', args: {} } },
      ],
    });
    const size = ({ layers }: PruneReport['before']) =>
      layers.reduce((sum, { inputSize, hiddenSize }) => sum + 4 * hiddenSize * (inputSize + hiddenSize), 0);
    assert.equal(report.after.reduction, 1 - size(report.after) / size(report.before));
    assert.ok(report.after.sizes.file < report.before.sizes.file);
    assert.ok((report.after.divergence?.value ?? 0) > 0);
    assert.ok(report.notes.some(({ code }) => code === 'noteLayersRemoved'));
  });
  assert.deepEqual(leftScratch(), []);
});

test('what remains is judged as what is written, and trained from there', async () => {
  const untrained = await pruned({ ...layer, data }, async ({ after }) => after.loss);
  await pruned(trained, async ({ before, pruned: cut, after, finetune }) => {
    assert.equal(cut.loss, untrained);
    assert.deepEqual(
      cut.layers.map(({ name }) => name),
      ['lower', 'lstm'],
    );
    assert.notEqual(before.loss, cut.loss);
    assert.ok((after.loss ?? 1) < (cut.loss ?? 0), `${after.loss}, ${cut.loss}`);
    assert.equal(finetune?.epochs.length, 3);
  });
});

test('the deeper original teaches what remains of it', async () => {
  await pruned(
    { ...trained, recovery: 'unsupervised', epochs: 12 },
    async ({ before, pruned: cut, after }) => {
      // Nearer to the teacher is nearer to its loss.
      const [teacher, first, last] = [before, cut, after].map(({ loss }) => loss as number);
      assert.ok(Math.abs(last - teacher) < Math.abs(first - teacher), `${teacher}, ${first}, ${last}`);
    },
  );
});

test('the same recipe gives the same file again', async () => {
  const once = () => pruned(trained, async ({ output }) => sha256(output));
  assert.equal(await once(), await once());
});

for (const share of [1, 0.1]) {
  test(`zeros of what remains stay zeros through a training, at a share of ${share}`, async () => {
    const sparse: Recipe = { sparsity: 0.7 };
    const model = await writeKerasH5(write('deep.h5', ''), deepLegacy());
    await inPlace(model, async (place, checkpoints) => {
      const { output } = await prune({ path: place.model, recipe: sparse }, recordedContext());
      const recipe = { ...trained, sparsity: share };
      const report = await prune({ path: output, recipe, checkpoints }, recordedContext());
      assert.ok(report.finetune && report.after.sparsity > 0.69, `${report.after.sparsity}`);
      const regrown = await prune(
        { path: output, recipe: { ...recipe, regrowZeros: true }, checkpoints },
        recordedContext(),
      );
      assert.ok(regrown.after.sparsity < 0.01, `${regrown.after.sparsity}`);
    });
  });
}

test('a job that is given up leaves nothing behind', async () => {
  const model = await writeKerasH5(write('deep.h5', ''), deepLegacy());
  await inPlace(model, async (place, checkpoints) => {
    const context = recordedContext(({ stage }) => stage === 'finetune');
    await assertRefuses(
      () => prune({ path: place.model, recipe: trained, checkpoints }, context),
      'cancelled',
    );
    assert.deepEqual(place.files(), ['deep.h5']);
    assert.deepEqual(leftScratch(), []);
  });
});

test('where no layer goes the file stays whole, and a note says why', async () => {
  await pruned({ ...layer, sparsity: 0.4 }, async ({ after, notes }) => {
    assert.equal(after.layers.length, 3);
    const note = notes.find(({ code }) => code === 'noteNoLayerRemoved');
    assert.deepEqual(note?.args, { share: '40 %', count: 1, least: '50 %' });
  });
});

for (const [key, value] of [
  ['shrink', true],
  ['maxParameters', 10],
  ['gates', { i: 0.5 }],
  ['include', 'dense'],
] as const) {
  test(`whole layers take no ${key}`, async () => {
    const { sparsity: _, ...rest } = layer;
    const recipe = key === 'maxParameters' ? rest : layer;
    await assertRefuses(
      () => pruned({ ...recipe, [key]: value }, async () => {}),
      'optionsClash',
      'granularity layer',
    );
  });
}
