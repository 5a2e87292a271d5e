import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prune } from '../../../extension/jobs/prune.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { finetuneData } from '../../support/finetuneData.ts';
import { placeOf, recordedContext } from '../../support/jobContext.ts';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { small, smallLegacy } from '../../support/smallModels.ts';

const write = scratchFiles();
const data = write('data.npz', finetuneData({ train: 8, test: 8 }));

/** The small model, whose LSTM multiplies 160 weights at every step, and whose dense layer 10 behind the last. */
async function modelOf(steps: number | null): Promise<string> {
  const { config, ...rest } = smallLegacy();
  const changed = structuredClone(config) as { config: { layers: { config: Record<string, unknown> }[] } };
  changed.config.layers[0].config.batch_input_shape = [null, steps, small.inputs];
  return writeKerasH5(write(`model${steps}.h5`, ''), { ...rest, config: changed });
}

async function pruned(steps: number | null, recipe: Recipe) {
  const place = placeOf(await modelOf(steps));
  try {
    const { after, notes } = await prune({ path: place.model, recipe }, recordedContext());
    const counted = notes.find(({ code }) => code === 'noteStepsCounted');
    return { reduction: after.reduction, counted: counted?.args.steps };
  } finally {
    place.remove();
  }
}

test('multiply-adds of a model that takes any length are those of the data’s', async () => {
  const half = { maxMultiplyAdds: small.steps * 80 + 10, data };
  assert.deepEqual(await pruned(null, half), { reduction: 0.5, counted: small.steps });
});

test('without data they are those of 32 steps', async () => {
  const half = { maxMultiplyAdds: 32 * 80 + 10 };
  assert.deepEqual(await pruned(null, half), { reduction: 0.5, counted: 32 });
});

test('where the file says the length, nothing is to be said', async () => {
  const half = { maxMultiplyAdds: small.steps * 80 + 10 };
  assert.deepEqual(await pruned(small.steps, half), { reduction: 0.5, counted: undefined });
});
