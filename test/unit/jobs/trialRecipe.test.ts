import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SearchGround } from '../../../extension/jobs/searchGround.ts';
import { trialRecipe } from '../../../extension/jobs/searchTrial.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { checkRecipe } from '../../../extension/protocol/recipeChecks.ts';

const ramp: Recipe = { data: 'd.npz', epochs: 1, schedule: 'epoch', initialSparsity: 0.5 };

for (const [sparsity, begins] of [
  [0.25, 0.25],
  [0.75, 0.5],
]) {
  test(`a trial of ${sparsity} takes a ramp from 0.5 from ${begins} on`, () => {
    const level = { remaining: 1 - sparsity, family: 'uniform' } as const;
    const recipe = trialRecipe(ramp, { curves: [] } as unknown as SearchGround, level as never);
    assert.deepEqual([recipe.sparsity, recipe.initialSparsity], [sparsity, begins]);
    checkRecipe(recipe);
  });
}
