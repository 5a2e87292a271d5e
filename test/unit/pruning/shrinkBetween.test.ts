import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnitGraph } from '../../support/unitGraph.ts';
import { kept, silent, sizes, unread } from './shrunkUnits.ts';

test('a unit counts in the length of its row though nobody reads it, and goes where it is 0', async () => {
  const graph = new UnitGraph();
  const layer = graph.recurrent('a', [3, 4], ['x']);
  graph.add('unit', { op: 'LpNormalization', axis: -1, epsilon: 1e-12, inputs: ['a'] });
  const weight = graph.dense('y', [4, 2], 'unit');
  const model = graph.model('y');
  unread(weight, 1, 2);
  for (const { recurrent } of layer.gates)
    for (let row = 0; row < 4; row++)
      for (const column of [1, 2])
        layer.recurrent.values[
          recurrent.offset + row * recurrent.rowStride + column * recurrent.columnStride
        ] = 0;
  assert.deepEqual(await sizes(model), {});
  silent(layer, 2);
  assert.deepEqual(await sizes(model), { a: 3 });
});

test('a convolution reads units at all its steps', async () => {
  const graph = new UnitGraph();
  const layer = graph.recurrent('a', [3, 4], ['x']);
  const parameter = graph.parameter('conv/kernel', [2, 4, 3]);
  const tap = { parameter, rows: 3, columns: 4, rowStride: 1, columnStride: 3 };
  const taps = [0, 12].map((offset) => ({ ...tap, offset }));
  const base = { groups: 1, stride: 1, dilation: 1, spread: 1, padding: [0, 0] } as const;
  graph.add('conv', { op: 'Conv', inputs: ['a'], taps, ...base });
  graph.dense('y', [3, 2], 'conv');
  const model = graph.model('y');
  silent(layer, 0, 3);
  assert.deepEqual(await sizes(model), { a: 2 });
  assert.deepEqual(await kept(model, parameter), [null, [1, 2], null]);
});

test('units that are turned round are read in the reverse order', async () => {
  const graph = new UnitGraph();
  const a = graph.recurrent('a', [3, 4], ['x']);
  graph.add('turned', { op: 'Reverse', inputs: ['a/last'] });
  const weight = graph.dense('y', [4, 2], 'turned');
  const model = graph.model('y');
  silent(a, 1);
  assert.deepEqual(await sizes(model), { a: 3 });
  assert.deepEqual(await kept(model, a.recurrent), [
    [0, 2, 3],
    [0, 2, 3, 4, 6, 7, 8, 10, 11, 12, 14, 15],
  ]);
  assert.deepEqual(await kept(model, weight), [[0, 1, 3], null]);
});

test('units among the steps of a transposed sequence are turned round, those of the features are not', async () => {
  const graph = new UnitGraph();
  const a = graph.recurrent('a', [3, 5], ['x']);
  const permutation = [0, 2, 1];
  graph.add('across', { op: 'Transpose', permutation, inputs: ['a'] });
  graph.add('turned', { op: 'Reverse', inputs: ['across'] });
  graph.add('back', { op: 'Transpose', permutation, inputs: ['turned'] });
  graph.add('steps', { op: 'Reverse', inputs: ['back'] });
  const weight = graph.dense('y', [5, 2], 'steps');
  const model = graph.model('y');
  silent(a, 0, 1);
  assert.deepEqual(await sizes(model), { a: 3 });
  assert.deepEqual(await kept(model, weight), [[0, 1, 2], null]);
});

test('what is computed from tensors of the file keeps no units elsewhere from going', async () => {
  const graph = new UnitGraph();
  const [mean, variance] = ['mean', 'variance'].map((name) => graph.parameter(`normalization/${name}`, [3]));
  const bounded = { ...variance, name: 'bounded', inNoArray: true, madeOf: [variance] } as const;
  const statistics = { mean, variance: bounded, axis: -1, epsilon: 0 };
  graph.add('normalized', { op: 'BatchNormalization', inputs: ['x'], ...statistics });
  const a = graph.recurrent('a', [3, 4], ['normalized']);
  graph.dense('y', [4, 2], 'a/last');
  silent(a, 1);
  assert.deepEqual(await sizes(graph.model('y')), { a: 3 });
});

test('units go past scores of attention, of which each step has one that stays', async () => {
  const graph = new UnitGraph();
  const a = graph.recurrent('a', [3, 4], ['x']);
  const score = graph.dense('score', [4, 1], 'a');
  graph.add('weights', { op: 'Softmax', axis: 1, inputs: ['score'] });
  graph.add('turned', { op: 'Transpose', permutation: [0, 2, 1], inputs: ['weights'] });
  graph.add('mean', { op: 'Product', inputs: ['turned', 'a'] });
  graph.add('flat', { op: 'Flatten', inputs: ['mean'] });
  const d = graph.dense('d', [4, 2], 'flat');
  const model = graph.model('d');
  for (const matrix of [a.recurrent, score, d]) unread(matrix, 1);
  assert.deepEqual(await sizes(model), { a: 3 });
  assert.deepEqual(await kept(model, d), [[0, 2, 3], null]);
});
