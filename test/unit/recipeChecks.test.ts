import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { MessageCode } from '../../extension/protocol/messages.ts';
import { mostThreads, type Recipe } from '../../extension/protocol/recipe.ts';
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
  samples: 1,
  granularity: 'weight',
  block: '1x9999',
  pattern: '1:2',
  bank: 2,
  keepDiagonal: false,
  scope: 'gate',
  include: '',
  exclude: '*',
  gates: { i: 0, f: 1 },
  targets: { a: 0, 'b/kernel/*': 1 },
  maxParameters: 1,
  maxBytes: 1,
  maxMultiplyAdds: 1,
  regrowZeros: true,
  shrink: true,
  schedule: 'oneshot',
  compress: true,
  seed: 0,
  epochs: 1,
  optimizer: 'sgd',
  learningRate: 1e-9,
  momentum: 0,
  decay: 'cosine',
  clipNorm: 1e-9,
  patience: 1,
  l1: 0,
  l2: 0,
  resume: false,
  engine: 'wasm',
  threads: 1,
};

test('the setting of threads allows what a recipe does, and 0', () => {
  const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
  const { minimum, maximum } = manifest.contributes.configuration.properties['lstmPruner.threads'];
  assert.deepEqual([minimum, maximum], [0, mostThreads]);
  checkRecipe({ threads: maximum });
});

test('a recipe with every key at the edge of what is allowed passes', () => {
  assert.deepEqual(Object.keys(whole).sort(), recipeKeys.toSorted());
  checkRecipe(whole);
  checkRecipe({ sparsity: 1 });
  checkRecipe({ data: 'd.npz', epochs: 0 });
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
  criterion: ['obd', 'constructor'],
  sparsity: [1.01, 80, -0.1, Number.NaN, '0.5', null],
  k: [-1, Infinity, 'half'],
  samples: [0, 1.5],
  granularity: ['filter', 'nm'],
  block: ['4', '4x', '0x4', '4x4x4', '4x-4', '10000x1', 4],
  pattern: ['2', '0:4', '4:4', '5:4', '2:4:8', '1.5:4', 0.5],
  bank: [1, 0, 8.5],
  keepDiagonal: ['yes', 1],
  scope: ['row'],
  include: [1, ['a']],
  exclude: [null],
  gates: [null, 'i=0.5', 0.5, [0.5], { i: 2 }, { i: '1' }, { i: null }],
  targets: [null, 'a=0.5', 0.5, [0.5], { a: 2 }, { a: '1' }],
  maxParameters: [0, -1, 1.5],
  maxBytes: [0, '1 MB'],
  maxMultiplyAdds: [0, 2.5],
  regrowZeros: [0, null],
  shrink: ['no'],
  schedule: ['cubic'],
  compress: ['yes', 1, null],
  seed: [-1, 0.5],
  epochs: [-1, 0.5, '3', null, Infinity],
  optimizer: ['lion', 'Adam', 1],
  learningRate: [0, -1, Infinity, '0.1'],
  momentum: [-0.1, 1, Number.NaN],
  decay: ['step', false],
  clipNorm: [0, -1],
  patience: [0, 1.5],
  l1: [-1, '0'],
  l2: [-0.1, Infinity],
  resume: ['no', 0],
  engine: ['cpu', 'webgl'],
  threads: [0, 1.5, 65, 100_000],
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
  ['resume', { resume: true }, 'optionNeedsEpochs'],
  ['no-resume', { resume: false }, 'optionNeedsEpochs'],
  ['patience', { data: 'd.npz', epochs: 0, patience: 3 }, 'optionNeedsEpochs'],
];
for (const [named, recipe, code] of idle) {
  test(`${Object.keys(recipe)} alone is refused, naming ${named}`, () =>
    assertRefuses(() => checkRecipe({ sparsity: 0.5, ...recipe }), code, named));
}

test('momentum is refused beside adam, which has none', async () => {
  const recipe = { sparsity: 0.5, data: 'd.npz', epochs: 1, optimizer: 'adam', momentum: 0.5 } as const;
  await assertRefuses(() => checkRecipe(recipe), 'optionsClash', 'momentum', 'optimizer adam');
  checkRecipe({ ...recipe, optimizer: 'rmsprop' });
});

test('an engine may be chosen without data, where it measures a divergence', () => {
  checkRecipe({ sparsity: 0.5, engine: 'wasm', threads: 2 });
});
