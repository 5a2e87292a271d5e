import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recipe } from '../../extension/protocol/recipe.ts';
import { checkRecipe } from '../../extension/protocol/recipeChecks.ts';
import { recipeOver } from '../../extension/protocol/recipeOver.ts';
import { budgetKeys } from '../../extension/protocol/recipeRules.ts';
import { goodRecipes } from '../support/recipeTable.ts';
import { assertRefuses } from '../support/throwsCode.ts';

const trained = { sparsity: 0.5, data: 'd.npz', epochs: 2 } as const;

/** What a file says, the flags, and what of the file is left. */
const replaced: [string, Recipe, Recipe, Recipe][] = [
  ['the sparsity beside a budget', { sparsity: 0.5, seed: 2 }, { maxBytes: 9 }, { seed: 2 }],
  ['the budget beside a sparsity', { maxParameters: 9 }, { sparsity: 0.5 }, {}],
  ['the budget beside another', { maxParameters: 9 }, { maxMultiplyAdds: 9 }, {}],
  [
    'the sparsity and targets beside n:m',
    { sparsity: 0.5, gates: { i: 0.1 }, targets: { a: 1 }, compress: true },
    { granularity: 'n:m' },
    { compress: true },
  ],
  [
    'n:m beside a sparsity, and its pattern with it',
    { granularity: 'n:m', pattern: '2:4' },
    { sparsity: 0.5 },
    {},
  ],
  [
    'a threshold beside a sparsity, and its factor with it',
    { criterion: 'threshold', k: 1, scope: 'matrix' },
    { sparsity: 0.5 },
    { scope: 'matrix' },
  ],
  ['the sparsity beside a threshold', { sparsity: 0.5 }, { criterion: 'threshold', k: 1 }, {}],
  [
    'the criterion and what was of units beside rows',
    { sparsity: 0.5, granularity: 'unit', criterion: 'apoz', samples: 9, shrink: true },
    { granularity: 'row' },
    { sparsity: 0.5 },
  ],
  [
    'the granularity beside a criterion',
    { sparsity: 0.5, granularity: 'bank', bank: 8 },
    { criterion: 'threshold' },
    {},
  ],
  ['the scope beside units', { sparsity: 0.5, scope: 'gate' }, { granularity: 'unit' }, { sparsity: 0.5 }],
  [
    'what was of another schedule',
    { ...trained, schedule: 'polynomial', begin: 1, power: 2, initialSparsity: 0.1 },
    { schedule: 'iterative' },
    { ...trained, initialSparsity: 0.1 },
  ],
  ['the momentum beside Adam', { ...trained, momentum: 0.9 }, { optimizer: 'adam' }, trained],
  [
    'how another recovery compares',
    { ...trained, recovery: 'distillation', mix: 0.1, temperature: 3 },
    { recovery: 'unsupervised' },
    { ...trained, temperature: 3 },
  ],
  [
    'an exponent that lacks a ramp',
    { ...trained, schedule: 'polynomial', power: 2 },
    { schedule: 'rigl' },
    trained,
  ],
  [
    'all of training beside no epochs',
    {
      ...{ ...trained, optimizer: 'sgd', momentum: 0.9, recovery: 'distillation', mix: 0.1, control: true },
      ...{ schedule: 'polynomial', begin: 3, criterion: 'movement', resume: false, batch: 8 },
    },
    { epochs: 0 },
    { sparsity: 0.5, data: 'd.npz', batch: 8 },
  ],
];
for (const [what, file, flags, left] of replaced) {
  test(`flags replace ${what}`, () => {
    checkRecipe(file);
    const recipe = recipeOver(file, flags);
    assert.deepEqual(recipe, { ...left, ...flags });
    checkRecipe(recipe);
  });
}

test('what goes with the flags stays', () => {
  const file: Recipe = { ...trained, granularity: 'unit', shrink: true, groupLasso: 0.1, scope: 'layer' };
  assert.deepEqual(recipeOver(file, { seed: 3, scope: 'global' }), { ...file, seed: 3, scope: 'global' });
  for (const recipe of goodRecipes) assert.deepEqual(recipeOver(recipe, {}), recipe);
});

test('a sparsity and every budget take the place of what says how much in any recipe that goes', () => {
  for (const file of goodRecipes.filter(({ initialSparsity }) => initialSparsity === undefined)) {
    checkRecipe(recipeOver(file, { sparsity: 0.5 }));
    for (const key of budgetKeys) checkRecipe(recipeOver(file, { [key]: 9 }));
  }
});

test('what clashes in the file, or among the flags, is refused as ever', async () => {
  const file: Recipe = { sparsity: 0.5, k: 1 };
  await assertRefuses(() => checkRecipe(recipeOver(file, { seed: 1 })), 'optionsClash', 'k', 'magnitude');
  const both: Recipe = { sparsity: 0.5, maxBytes: 9 };
  await assertRefuses(() => checkRecipe(recipeOver({ seed: 1 }, both)), 'optionsClash', 'maxBytes');
});

test('a flag that nothing in the file makes possible is refused beside what the file says', async () => {
  const file: Recipe = { sparsity: 0.5, granularity: 'row' };
  await assertRefuses(
    () => checkRecipe(recipeOver(file, { criterion: 'apoz' })),
    ...(['combinationUnknown', 'row', 'apoz', 'unit'] as const),
  );
  await assertRefuses(
    () => checkRecipe(recipeOver(file, { block: '4x4' })),
    ...(['optionsClash', 'block', 'granularity row'] as const),
  );
});
