import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageCode } from '../../../extension/protocol/messages.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { prunablesOf } from '../../../extension/pruning/prunable.ts';
import { completeRecipe, recordedRecipe } from '../../../extension/pruning/recipe.ts';
import { memoryLayer, memoryModel } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

const layers = [
  memoryLayer({ inputSize: 1, hiddenSize: 1 }, seeded(1)),
  memoryLayer({ name: 'gru', cell: 'GRU', inputSize: 1, hiddenSize: 1 }, seeded(1)),
];
const [lstm, both] = [layers.slice(0, 1), layers].map((some) => prunablesOf(memoryModel(some)));

test('a sparsity alone means magnitude over each layer, at once', () => {
  assert.deepEqual(completeRecipe({ sparsity: 0.8 }, lstm), {
    criterion: 'magnitude',
    granularity: 'weight',
    scope: 'layer',
    schedule: 'oneshot',
    target: { sparsity: 0.8 },
    gates: {},
    targets: {},
    keepDiagonal: false,
    regrowZeros: false,
    seed: 1,
  });
});

test('a threshold alone means half the mean of each matrix', () => {
  const { scope, target } = completeRecipe({ criterion: 'threshold' }, lstm);
  assert.deepEqual([scope, target], ['matrix', { k: 0.5 }]);
  assert.deepEqual(completeRecipe({ criterion: 'threshold', k: 2, scope: 'gate' }, lstm).target, { k: 2 });
});

test('the ends of the ranges are in them', () => {
  for (const sparsity of [0, 1]) assert.deepEqual(completeRecipe({ sparsity }, lstm).target, { sparsity });
  assert.deepEqual(completeRecipe({ criterion: 'threshold', k: 0 }, lstm).target, { k: 0 });
  assert.deepEqual(completeRecipe({ sparsity: 0.5, gates: { i: 0, f: 1 } }, lstm).gates, { i: 0, f: 1 });
});

test('no sparsity is needed where every gate of every layer has a target', () => {
  const gates = { i: 0.1, f: 0.1, c: 0.1, o: 0.1 };
  assert.deepEqual(completeRecipe({ gates }, lstm).gates, gates);
});

test('a gate that any layer has may be named', () => {
  assert.deepEqual(completeRecipe({ sparsity: 0.5, gates: { z: 0.1 } }, both).gates, { z: 0.1 });
});

const refusals: [string, Recipe, MessageCode, string[]][] = [
  ['no target at all', {}, 'optionMissing', ['sparsity']],
  ['gates that leave some without a target', { gates: { i: 0.5 } }, 'optionMissing', ['sparsity']],
  ['a gate that no layer has', { sparsity: 0.5, gates: { z: 0.5 } }, 'gateUnknown', ['z', 'i, f, c, o']],
  ['a sparsity beside a threshold', { criterion: 'threshold', sparsity: 0.5 }, 'optionsClash', ['sparsity']],
  ['gates beside a threshold', { criterion: 'threshold', gates: { i: 0.5 } }, 'optionsClash', ['gates']],
  ['k without a threshold', { sparsity: 0.5, k: 1 }, 'optionsClash', ['k', 'magnitude']],
  [
    'a gate that is called like what every object has',
    { sparsity: 0.5, gates: JSON.parse('{"__proto__": 0.5}') },
    'gateUnknown',
    ['__proto__'],
  ],
];

for (const [name, recipe, code, parts] of refusals) {
  test(`${name} is refused`, () => assertRefuses(() => completeRecipe(recipe, lstm), code, ...parts));
}

test('what is recorded gives the same recipe again', () => {
  for (const recipe of [
    { sparsity: 0.5, gates: { i: 0.9 }, data: 'd.npz' },
    { criterion: 'threshold' },
    { gates: { i: 0.1, f: 0.2, c: 0.3, o: 0.4 } },
  ] satisfies Recipe[]) {
    const complete = completeRecipe(recipe, lstm);
    const recorded = recordedRecipe(recipe, complete);
    assert.deepEqual(completeRecipe(recorded, lstm), complete);
    if ('data' in recipe) assert.equal(recorded.data, recipe.data);
  }
});

test('the default factor of a threshold is recorded', () => {
  const complete = completeRecipe({ criterion: 'threshold' }, lstm);
  assert.equal(recordedRecipe({ criterion: 'threshold' }, complete).k, 0.5);
});
