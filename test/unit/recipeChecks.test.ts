import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageCode } from '../../extension/protocol/messages.ts';
import type { Recipe } from '../../extension/protocol/recipe.ts';
import { checkRecipe, recipeKeys } from '../../extension/protocol/recipeChecks.ts';
import { assertRefuses } from '../support/throwsCode.ts';

const whole: Recipe = {
  data: 'd.csv',
  x: 'a,b',
  y: 'c',
  loss: 'MSE',
  split: 'val',
  batch: 1,
  window: 1,
  horizon: 1,
  stride: 1,
  scale: 'minmax',
  criterion: 'magnitude',
  sparsity: 0,
  k: 0,
  granularity: 'weight',
  scope: 'gate',
  gates: { i: 0, f: 1 },
  schedule: 'oneshot',
  compress: true,
  seed: 0,
};

test('a recipe with every key at the edge of what is allowed passes', () => {
  assert.deepEqual(Object.keys(whole).sort(), recipeKeys.toSorted());
  checkRecipe(whole);
  checkRecipe({ sparsity: 1 });
  checkRecipe({ x: 'x.npy', y: 'y.npy', split: 'all' });
});

/** For every key values that are none, as JSON or flags may bring them. */
const wrong: Record<keyof Recipe, readonly unknown[]> = {
  data: [1, null, ['d.npz']],
  x: [0],
  y: [false],
  loss: [1],
  split: ['foo', 'tail', '', 1],
  batch: [0, -3, 2.5, Number.NaN, Infinity, '64', null, 2 ** 53],
  window: [0, 1.5],
  horizon: [0, -1, 1.5],
  stride: [0, -1],
  scale: ['log'],
  criterion: ['taylor', 'constructor'],
  sparsity: [1.01, 80, -0.1, Number.NaN, '0.5', null],
  k: [-1, Infinity, 'half'],
  granularity: ['unit'],
  scope: ['row'],
  gates: [null, 'i=0.5', 0.5, [0.5], { i: 2 }, { i: '1' }, { i: null }],
  schedule: ['cubic'],
  compress: ['yes', 1, null],
  seed: [-1, 0.5],
};
for (const [key, values] of Object.entries(wrong)) {
  test(`${key} is refused where it is ${values.map((value) => JSON.stringify(value)).join(', ')}`, async () => {
    for (const value of values) {
      await assertRefuses(
        () => checkRecipe({ ...whole, [key]: value }),
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
];
for (const [named, recipe, code] of idle) {
  test(`${Object.keys(recipe)} alone is refused, naming ${named}`, () =>
    assertRefuses(() => checkRecipe({ sparsity: 0.5, ...recipe }), code, named));
}
