// What is judged by a few samples without gradients must be worth more than a choice by chance.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { prune } from '../../../extension/jobs/prune.ts';
import type { CriterionName } from '../../../extension/protocol/recipe.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { root } from '../../support/paths.ts';
import { inPlace } from './finetuneJobs.ts';

const example = join(root, 'examples/reber');
const seeds = [1, 2, 3];

async function lossAt80(path: string, criterion: CriterionName, seed: number): Promise<number> {
  const recipe = {
    ...{ criterion, seed, sparsity: 0.8, data: join(example, 'reber.npz'), threads: 1 },
    ...(criterion === 'wanda' && { samples: 32 }),
  };
  const { after } = await prune({ path, recipe }, recordedContext());
  return after.loss ?? Number.NaN;
}

test('by wanda and 32 samples the example loses less than by chance, whatever the seed', async () => {
  await inPlace(join(example, 'reber.keras'), async ({ model }) => {
    for (const seed of seeds) {
      const [wanda, random] = [await lossAt80(model, 'wanda', seed), await lossAt80(model, 'random', seed)];
      assert.ok(wanda < random, `seed ${seed}: ${wanda} by wanda, ${random} by chance`);
    }
  });
});
