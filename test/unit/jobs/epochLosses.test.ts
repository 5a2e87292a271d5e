import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate } from '../../../extension/jobs/evaluate.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { floats, integers } from '../../support/npy.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { small, smallLegacy } from '../../support/smallModels.ts';
import { npzBytes } from '../../support/zip.ts';
import { inPlace, models, write } from './finetuneJobs.ts';

const { steps, inputs, classes } = small;

/** The small model behind a Masking layer, with a class for each step. */
function tagger(): Promise<string> {
  const { config } = smallLegacy() as { config: { config: { layers: { config: object }[] } } };
  const [lstm, dense] = config.config.layers;
  const batchShape = [null, steps, inputs];
  const layers = [
    { class_name: 'Masking', config: { name: 'masking', mask_value: 0, batch_input_shape: batchShape } },
    { ...lstm, config: { ...lstm.config, return_sequences: true } },
    dense,
  ];
  return models['.h5']({ config: { ...config, config: { ...config.config, layers } } });
}

/** Samples whose later steps are masked; those that come last have all of theirs, and are of another kind. */
function unequalData(counts: Record<string, number>): string {
  const next = seeded(9);
  const arrays: Record<string, Buffer> = {};
  for (const [name, count] of Object.entries(counts)) {
    const x = randomFloats(count * steps * inputs, next);
    const y = Array.from({ length: count * steps }, () => Math.floor(next() * classes));
    for (let sample = 0; sample < count - 3; sample++) {
      const real = 1 + (sample % 2);
      x.fill(0, (sample * steps + real) * inputs, (sample + 1) * steps * inputs);
      y.fill(0, sample * steps, sample * steps + real);
    }
    arrays[`x_${name}`] = floats([count, steps, inputs], x);
    arrays[`y_${name}`] = integers([count, steps], y);
  }
  return write('unequal.npz', npzBytes(arrays));
}

const data = unequalData({ train: 35, val: 19, test: 5 });
const recipe: Recipe = { sparsity: 0.5, data, batch: 16, epochs: 3, learningRate: 0.02 };

function assertClose(found: number, expected: number): void {
  assert.ok(Math.abs(found - expected) < 1e-6, `${found} is not ${expected}`);
}

/** Prunes the model; gives the report, and what evaluating the written file says of a part of the data. */
async function run(asked: Recipe, split: 'train' | 'val') {
  return inPlace(await tagger(), async (place, checkpoints) => {
    const report = await prune({ path: place.model, recipe: asked, checkpoints }, recordedContext());
    const written = { path: report.output, data: { data, split, batch: 1 } };
    return { report, evaluated: await evaluate(written, recordedContext()) };
  });
}

test('the validation losses of a fine-tuning are those of the files, over all steps that count', async () => {
  const { report, evaluated } = await run(recipe, 'val');
  assertClose(report.finetune?.epochs.at(-1)?.validationLoss ?? 0, evaluated.loss);
  const untrained = await run({ sparsity: 0.5, data }, 'val');
  assertClose(report.finetune?.validationLossBefore ?? 0, untrained.evaluated.loss);
});

test('so are the training losses, where the steps are too small to change anything', async () => {
  const { report, evaluated } = await run({ ...recipe, learningRate: 1e-12 }, 'train');
  for (const { loss } of report.finetune?.epochs ?? []) assertClose(loss, evaluated.loss);
  assert.equal(report.finetune?.epochs.length, 3);
});
