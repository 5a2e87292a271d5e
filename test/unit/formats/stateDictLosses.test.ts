import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modulesOf } from '../../../extension/formats/stateDict/modules.ts';
import type { ModuleFacts, NamedTensor } from '../../../extension/formats/stateDict/tensors.ts';
import { memoryParameter } from '../../support/memoryModel.ts';

function tensor(name: string, shape: readonly number[], trainable = true): NamedTensor {
  const values = Array(shape.reduce((product, n) => product * n, 1)).fill(1);
  return { name, shape, dtype: 'F32', parameter: { ...memoryParameter(name, shape, values), trainable } };
}

function asideOf(tensors: readonly NamedTensor[], modules?: ReadonlyMap<string, ModuleFacts>): string[] {
  const { aside } = modulesOf({ tensors, inOrder: true, ...(modules && { modules }) }, 'f');
  return aside.map(({ name }) => name);
}

test('what is called a loss is left aside where it has weights of classes alone', () => {
  assert.deepEqual(asideOf([tensor('loss.weight', [3]), tensor('loss.pos_weight', [3])]), [
    'loss.weight',
    'loss.pos_weight',
  ]);
  for (const others of [
    [tensor('loss.weight', [1, 8]), tensor('loss.bias', [1])],
    [tensor('loss.weight', [1, 8])],
    [tensor('loss.weight', [8]), tensor('loss.bias', [8])],
  ])
    assert.deepEqual(asideOf(others), []);
});

test('a loss of PyTorch’s is left aside but for matrices that are trained', () => {
  const facts = new Map([['any', { className: 'BCEWithLogitsLoss', options: new Map() }]]);
  assert.deepEqual(asideOf([tensor('any.pos_weight', [1, 3], false)], facts), ['any.pos_weight']);
  assert.deepEqual(asideOf([tensor('any.weight', [1, 3])], facts), []);
});

test('a weight of a loss that another module holds, too, is not left aside', () => {
  const shared = tensor('norm.weight', [3]);
  const own = tensor('loss.pos_weight', [3]);
  assert.deepEqual(asideOf([shared, { ...shared, name: 'loss.weight' }, own]), ['loss.pos_weight']);
});
