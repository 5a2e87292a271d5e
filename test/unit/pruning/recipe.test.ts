import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageCode } from '../../../extension/protocol/messages.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { prunablesOf } from '../../../extension/pruning/prunable.ts';
import { completeRecipe, ownTarget, recordedRecipe } from '../../../extension/pruning/recipe.ts';
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

test('what a granularity takes has a default where nothing is said', () => {
  const shape = (recipe: Recipe) => {
    const { block, pattern, bank, scope } = completeRecipe(recipe, lstm);
    return [block ?? pattern ?? bank, scope];
  };
  assert.deepEqual(shape({ granularity: 'block', sparsity: 0.5 }), ['4x4', 'layer']);
  assert.deepEqual(shape({ granularity: 'block', block: '1x8', sparsity: 0.5 }), ['1x8', 'layer']);
  assert.deepEqual(shape({ granularity: 'n:m' }), ['2:4', 'matrix']);
  assert.deepEqual(shape({ granularity: 'bank', sparsity: 0.5 }), [32, 'matrix']);
  assert.deepEqual(shape({ granularity: 'row', sparsity: 0.5 }), [undefined, 'layer']);
  assert.deepEqual(shape({ granularity: 'column', sparsity: 0.5 }), [undefined, 'matrix']);
});

test('N:M is a target by itself', () => {
  assert.deepEqual(completeRecipe({ granularity: 'n:m', pattern: '1:4' }, lstm).target, { sparsity: 0.75 });
});

test('a budget is a target in the place of a sparsity', () => {
  for (const key of ['maxParameters', 'maxBytes', 'maxMultiplyAdds'] as const)
    assert.deepEqual(completeRecipe({ [key]: 1000 }, lstm).target, { budget: { key, most: 1000 } });
});

test('no sparsity is needed where every gate of every layer has a target', () => {
  const gates = { i: 0.1, f: 0.1, c: 0.1, o: 0.1 };
  assert.deepEqual(completeRecipe({ gates }, lstm).gates, gates);
});

test('no sparsity is needed where names or gates together give everything a target', () => {
  const { target } = completeRecipe({ targets: { layer: 0.5 }, gates: { z: 0, r: 0.1, h: 0.2 } }, both);
  assert.deepEqual(target, { sparsity: 0 });
});

test('a target by name counts before a gate’s, and the last name that fits before others', () => {
  const recipe: Recipe = { gates: { z: 0.1 }, targets: { gru: 0.2, '*/kernel': 0.3, 'gru/kernel/h': 0.4 } };
  const own = both
    .filter(({ owner }) => owner === 'gru')
    .map((one) => [one.name.slice(4), ownTarget(one, recipe)?.target]);
  assert.deepEqual(own, [
    ['kernel/z', 0.3],
    ['kernel/r', 0.3],
    ['kernel/h', 0.4],
    ['recurrent/z', 0.2],
    ['recurrent/r', 0.2],
    ['recurrent/h', 0.2],
  ]);
  const gates = { gates: { z: 0.1 } };
  assert.deepEqual(
    both.filter(({ part }) => part?.layer.cell === 'GRU').map((one) => ownTarget(one, gates)?.target),
    [0.1, undefined, undefined, 0.1, undefined, undefined],
  );
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
  ['targets that leave some', { targets: { 'layer/kernel': 0.5 } }, 'optionMissing', ['sparsity']],
  [
    'a target for what there is not',
    { sparsity: 0.5, targets: { lstm: 0.5 } },
    'nameUnknown',
    ['"lstm"', 'layer/kernel, layer/recurrent'],
  ],
  ['a budget beside a threshold', { criterion: 'threshold', maxBytes: 9 }, 'optionsClash', ['maxBytes']],
  [
    'targets beside a threshold',
    { criterion: 'threshold', targets: { layer: 1 } },
    'optionsClash',
    ['targets'],
  ],
  ['a budget beside a sparsity', { sparsity: 0.5, maxParameters: 9 }, 'optionsClash', ['maxParameters']],
  ['two budgets', { maxBytes: 9, maxParameters: 9 }, 'optionsClash', ['maxBytes', 'maxParameters']],
  ['a sparsity beside N:M', { granularity: 'n:m', sparsity: 0.5 }, 'optionsClash', ['sparsity', 'n:m']],
  ['a scope of banks', { granularity: 'bank', sparsity: 0.5, scope: 'layer' }, 'optionsClash', ['scope']],
  ['a block of rows', { granularity: 'row', sparsity: 0.5, block: '4x4' }, 'optionsClash', ['block', 'row']],
  ['a pattern of weights', { sparsity: 0.5, pattern: '2:4' }, 'optionsClash', ['pattern', 'weight']],
  ['a bank of N:M', { granularity: 'n:m', bank: 4 }, 'optionsClash', ['bank']],
  [
    'a diagonal that whole rows would cross',
    { granularity: 'row', sparsity: 0.5, keepDiagonal: true },
    'optionsClash',
    ['keepDiagonal'],
  ],
  [
    'units by what judges columns',
    { criterion: 'input-importance', granularity: 'unit', sparsity: 0.5 },
    'combinationUnknown',
    ['granularity unit cannot be used with criterion input-importance', 'Use one of: column.'],
  ],
  [
    'single weights by what judges units',
    { criterion: 'apoz', sparsity: 0.5 },
    'combinationUnknown',
    ['granularity weight', 'criterion apoz', 'Use one of: unit.'],
  ],
  [
    'gates as scope of columns',
    { granularity: 'column', scope: 'gate', sparsity: 0.5 },
    'combinationUnknown',
    ['scope gate', 'granularity column', 'Use one of: matrix, layer, global.'],
  ],
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

const recipes: Recipe[] = [
  { sparsity: 0.5, gates: { i: 0.9 }, data: 'd.npz' },
  { criterion: 'threshold' },
  { gates: { i: 0.1, f: 0.2, c: 0.3, o: 0.4 } },
  { sparsity: 0.5, targets: { 'layer/kernel': 0.9, '*/c': 0.1 } },
  { maxParameters: 5, scope: 'global', regrowZeros: true },
  { maxMultiplyAdds: 5, granularity: 'row', criterion: 'l2' },
  { granularity: 'block', sparsity: 0.5, keepDiagonal: true },
  { granularity: 'n:m' },
  { granularity: 'n:m', pattern: '4:8', criterion: 'wanda' },
  { granularity: 'bank', sparsity: 0.5 },
  { granularity: 'column', sparsity: 0.5, criterion: 'input-importance' },
  { criterion: 'random', sparsity: 0.5, seed: 3 },
];
for (const recipe of recipes) {
  test(`what is recorded of ${JSON.stringify(recipe)} gives the same recipe again`, () => {
    const complete = completeRecipe(recipe, lstm);
    const recorded = recordedRecipe(recipe, complete);
    assert.deepEqual(completeRecipe(recorded, lstm), complete);
    // What was given is still there.
    assert.deepEqual({ ...recorded, ...recipe }, recorded);
  });
}

test('the seed is recorded where it decides what goes', () => {
  const seedOf = (recipe: Recipe) => recordedRecipe(recipe, completeRecipe(recipe, lstm)).seed;
  assert.equal(seedOf({ criterion: 'random', sparsity: 0.5 }), 1);
  assert.equal(seedOf({ sparsity: 0.5 }), undefined);
});

test('the default factor of a threshold is recorded', () => {
  const complete = completeRecipe({ criterion: 'threshold' }, lstm);
  assert.equal(recordedRecipe({ criterion: 'threshold' }, complete).k, 0.5);
});
