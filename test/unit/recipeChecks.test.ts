import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MessageCode } from '../../extension/protocol/messages.ts';
import { mostThreads, type Recipe } from '../../extension/protocol/recipe.ts';
import { checkRecipe, checkValues, recipeKeys } from '../../extension/protocol/recipeChecks.ts';
import { edges, goodRecipes, wrongRecipes, wrongValues } from '../support/recipeTable.ts';
import { assertRefuses } from '../support/throwsCode.ts';

test('the setting of threads allows what a recipe does, and 0', () => {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
  const { minimum, maximum } = manifest.contributes.configuration.properties['lstmPruner.threads'];
  assert.deepEqual([minimum, maximum], [0, mostThreads]);
  checkRecipe({ threads: maximum });
});

test('a recipe with every key at the edge of what is allowed passes', () => {
  assert.deepEqual(Object.keys(edges).sort(), recipeKeys.toSorted());
  checkValues(edges);
  checkRecipe({ sparsity: 1 });
  checkRecipe({ data: 'd.npz', epochs: 0 });
  checkRecipe({ x: 'x.npy', y: 'y.npy', split: 'all' });
});

for (const [key, values] of Object.entries(wrongValues)) {
  test(`${key} is refused where it is ${values.map((value) => JSON.stringify(value)).join(', ')}`, async () => {
    for (const value of values) {
      await assertRefuses(
        () => checkRecipe({ ...edges, [key]: value }),
        'invalidValue',
        `${key}`,
        'expected',
      );
    }
  });
}

test('what is wrong is named with what is expected', async () => {
  await assertRefuses(
    () => checkRecipe({ batch: 0 }),
    'invalidValue',
    'batch is 0; expected a whole number from 1',
  );
  await assertRefuses(
    () => checkRecipe({ threads: 100_000 }),
    'invalidValue',
    'expected a whole number from 1 to 64',
  );
  await assertRefuses(
    () => checkRecipe({ sparsity: 80 }),
    'invalidValue',
    'is 80; expected a number from 0 to 1',
  );
  await assertRefuses(() => checkRecipe({ gates: { i: 2 } }), 'invalidValue', 'gates i is 2');
  const scope = 'row' as never;
  await assertRefuses(() => checkRecipe({ scope }), 'invalidValue', 'expected gate, matrix, layer, global');
});

test('an unknown loss is refused with or without data', async () => {
  for (const loss of ['mine', 'constructor', '__proto__']) {
    for (const rest of [{}, { data: 'd.npz' }]) {
      await assertRefuses(() => checkRecipe({ loss, ...rest }), 'lossUnknown', loss, 'huber');
    }
  }
});

const idle: [string, Recipe, MessageCode][] = [
  ['y', { y: 'b.npy' }, 'optionNeedsData'],
  ['loss', { loss: 'mse' }, 'optionNeedsData'],
  ['split', { split: 'val' }, 'optionNeedsData'],
  ['batch', { batch: 8 }, 'optionNeedsData'],
  ['window', { window: 3 }, 'optionNeedsData'],
  ['horizon', { horizon: 1 }, 'optionNeedsData'],
  ['stride', { stride: 1 }, 'optionNeedsData'],
  ['scale', { scale: 'none' }, 'optionNeedsData'],
  ['y', { x: 'a.npy' }, 'optionMissing'],
  ['epochs', { epochs: 3 }, 'optionNeedsData'],
  ['optimizer', { optimizer: 'adam' }, 'optionNeedsEpochs'],
  ['learningRate', { learningRate: 0.1 }, 'optionNeedsEpochs'],
  ['momentum', { momentum: 0.9 }, 'optionNeedsEpochs'],
  ['decay', { decay: 'linear' }, 'optionNeedsEpochs'],
  ['clipNorm', { clipNorm: 1 }, 'optionNeedsEpochs'],
  ['patience', { patience: 2 }, 'optionNeedsEpochs'],
  ['l1', { l1: 0.1 }, 'optionNeedsEpochs'],
  ['l2', { l2: 0.1 }, 'optionNeedsEpochs'],
  ['groupLasso', { granularity: 'unit', groupLasso: 0.1 }, 'optionNeedsEpochs'],
  ['recovery', { recovery: 'unsupervised' }, 'optionNeedsEpochs'],
  ['mix', { mix: 0.1 }, 'optionNeedsEpochs'],
  ['match', { match: 'kl' }, 'optionNeedsEpochs'],
  ['temperature', { temperature: 3 }, 'optionNeedsEpochs'],
  ['y', { x: 'a.npy', epochs: 1, recovery: 'distillation' }, 'optionMissing'],
  ['epochs', { epochs: 1, recovery: 'unsupervised' }, 'optionNeedsData'],
  ['resume', { resume: true }, 'optionNeedsEpochs'],
  ['no-resume', { resume: false }, 'optionNeedsEpochs'],
  ['control', { control: true }, 'optionNeedsEpochs'],
  ['control', { data: 'd.npz', control: true }, 'optionNeedsEpochs'],
  ['epochs', { epochs: 2, control: true }, 'optionNeedsData'],
  ['patience', { data: 'd.npz', epochs: 0, patience: 3 }, 'optionNeedsEpochs'],
  ['power', { data: 'd.npz', epochs: 1, schedule: 'rigl', power: 2 }, 'optionAlone'],
  ['0.6', { data: 'd.npz', epochs: 1, schedule: 'epoch', initialSparsity: 0.6 }, 'initialSparsityAbove'],
];
for (const [named, recipe, code] of idle) {
  test(`${Object.keys(recipe)} alone is refused, naming ${named}`, () =>
    assertRefuses(() => checkRecipe({ sparsity: 0.5, ...recipe }), code, named));
}

for (const [recipe, ...named] of wrongRecipes) {
  test(`${JSON.stringify(recipe)} is refused, naming ${named.join(' and ')}`, async () => {
    const code = named.length > 2 ? 'combinationUnknown' : 'optionsClash';
    await assertRefuses(() => checkRecipe(recipe), code, ...named);
  });
}

test('what goes together passes', () => {
  for (const recipe of goodRecipes) checkRecipe(recipe);
});

test('inputs alone are enough to be trained without targets, and to judge weights by', () => {
  checkRecipe({ sparsity: 0.5, x: 'a.npy', epochs: 1, recovery: 'unsupervised' });
  checkRecipe({ sparsity: 0.5, x: 'a.npy', criterion: 'wanda' });
});

test('an engine may be chosen without data, where it measures a divergence', () => {
  checkRecipe({ sparsity: 0.5, engine: 'wasm', threads: 2 });
});

test('a schedule is part of fine-tuning, and its bounds are in order', async () => {
  for (const schedule of ['constant', 'polynomial', 'iterative', 'rigl', 'epoch'] as const) {
    await assertRefuses(
      () => checkRecipe({ sparsity: 0.5, schedule, data: 'd.npz' }),
      'optionNeedsEpochs',
      `schedule ${schedule}`,
    );
    checkRecipe({ sparsity: 0.5, schedule, data: 'd.npz', epochs: 1 });
  }
  const recipe: Recipe = { sparsity: 0.5, data: 'd.npz', epochs: 4 };
  await assertRefuses(
    () => checkRecipe({ ...recipe, schedule: 'polynomial', begin: 10, end: 9 }),
    'invalidValue',
    'end is 9; expected a whole number from 10',
  );
  await assertRefuses(
    () => checkRecipe({ ...recipe, schedule: 'iterative', rounds: 5 }),
    'invalidValue',
    'rounds is 5; expected a whole number from 1 to 4',
  );
});
