// Units that are always 0, and so may go whoever reads them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { candidateGate } from '../../../extension/model/recurrentLayer.ts';
import { UnitGraph } from '../../support/unitGraph.ts';
import { silent, sizes, stack, unread } from './shrunkUnits.ts';

for (const cell of ['LSTM', 'GRU', 'RNN'] as const) {
  test(`a ${cell} unit that is always 0 goes, whoever reads it`, async () => {
    const graph = new UnitGraph();
    const a = graph.recurrent('a', [3, 4], ['x'], { cell, biases: 2 });
    graph.dense('d', [4, 2], 'a');
    silent(a, 2);
    assert.deepEqual(await sizes(graph.model('d')), { a: 3 });
    assert.ok(a.bias);
    // Its candidate has a second bias that is not 0.
    const g = a.gates.findIndex(({ name }) => name === candidateGate[cell]);
    a.bias.values[a.bias.values.length / 2 + 4 * g + 2] = 0.5;
    assert.deepEqual(await sizes(graph.model('d')), {});
  });
}

test('units that are 0 as long as they are so together go', async () => {
  const { model, a, b } = stack();
  silent(a, 0, 1);
  silent(b, 4);
  // Each lets the other into its candidate, and unit 4 of the next layer hears unit 0.
  a.recurrent.values[1 * 16 + 8 + 0] = 0.5;
  a.recurrent.values[0 * 16 + 8 + 1] = 0.5;
  b.kernel.values[0 * 20 + 10 + 4] = 0.5;
  assert.deepEqual(await sizes(model), { a: 2, b: 4 });
  a.recurrent.values[2 * 16 + 8 + 0] = 0.5;
  assert.deepEqual(await sizes(model), {});
});

const between: [what: string, goes: boolean, add: (graph: UnitGraph) => void][] = [
  ['tanh', true, (graph) => graph.add('m', { op: 'Activation', activation: { op: 'Tanh' }, inputs: ['a'] })],
  [
    'sigmoid',
    false,
    (graph) => graph.add('m', { op: 'Activation', activation: { op: 'Sigmoid' }, inputs: ['a'] }),
  ],
  [
    'clipping from 1 on',
    false,
    (graph) =>
      graph.add('m', { op: 'Activation', activation: { op: 'Clip', alpha: 1, beta: 2 }, inputs: ['a'] }),
  ],
  ['dropout', true, (graph) => graph.add('m', { op: 'Dropout', rate: 0.5, inputs: ['a'] })],
  ['the largest over the steps', true, (graph) => graph.add('m', { op: 'ReduceMax', inputs: ['a'] })],
  [
    // Where no step counts, Keras' mean is no number.
    'a mean over the steps that count',
    false,
    (graph) => {
      graph.add('mask', { op: 'NotEqualMask', value: 0, overFeatures: true, inputs: ['x'] });
      graph.add('m', { op: 'ReduceMean', mask: 'mask', inputs: ['a'] });
    },
  ],
  [
    'normalisation by fixed statistics',
    false,
    (graph) => {
      const [mean, variance] = ['mean', 'variance'].map((name) => graph.parameter(name, [4]));
      graph.add('m', { op: 'BatchNormalization', axis: -1, epsilon: 1e-3, mean, variance, inputs: ['a'] });
    },
  ],
  [
    'a value that is added to all units',
    false,
    (graph) => {
      graph.dense('one', [3, 1], 'x');
      graph.add('m', { op: 'Add', inputs: ['a', 'one'] });
    },
  ],
];
for (const [what, goes, add] of between) {
  test(`a unit that is always 0 ${goes ? 'goes' : 'stays'} where ${what} stands between it and its reader`, async () => {
    const graph = new UnitGraph();
    silent(graph.recurrent('a', [3, 4], ['x']), 2);
    add(graph);
    graph.dense('d', [4, 2], 'm');
    assert.deepEqual(await sizes(graph.model('d')), goes ? { a: 3 } : {});
  });
}

test('a unit of a cell that does not keep 0 is never taken for 0', async () => {
  const graph = new UnitGraph();
  silent(graph.recurrent('a', [3, 4], ['x'], { zeroPreserving: false }), 2);
  graph.dense('d', [4, 2], 'a');
  assert.deepEqual(await sizes(graph.model('d')), {});
});

test('a unit that begins with a state of another layer is 0 only if that one is', async () => {
  const graph = new UnitGraph();
  const encoder = graph.recurrent('encoder', [3, 4], ['x'], { cell: 'GRU' });
  const decoder = graph.recurrent('decoder', [3, 4], ['x', 'encoder/h'], { cell: 'GRU' });
  graph.dense('d', [4, 2], 'decoder');
  silent(decoder, 1);
  assert.deepEqual(await sizes(graph.model('d')), {});
  silent(encoder, 1);
  assert.deepEqual(await sizes(graph.model('d')), { encoder: 3, decoder: 3 });
});

test('a unit that begins with a state that is moved from 0 is not 0', async () => {
  const graph = new UnitGraph();
  const encoder = graph.recurrent('encoder', [3, 4], ['x'], { cell: 'GRU' });
  graph.add('state', { op: 'Activation', activation: { op: 'Sigmoid' }, inputs: ['encoder/h'] });
  const decoder = graph.recurrent('decoder', [3, 4], ['x', 'state'], { cell: 'GRU' });
  graph.dense('d', [4, 2], 'decoder');
  silent(encoder, 1);
  silent(decoder, 1);
  assert.deepEqual(await sizes(graph.model('d')), {});
});

test('of two units that are added neither goes as long as one is not 0', async () => {
  const graph = new UnitGraph();
  const a = graph.recurrent('a', [3, 4], ['x']);
  const b = graph.recurrent('b', [3, 4], ['x']);
  graph.add('sum', { op: 'Add', inputs: ['a', 'b'] });
  graph.dense('d', [4, 2], 'sum');
  silent(a, 1);
  assert.deepEqual(await sizes(graph.model('d')), {});
  silent(b, 1);
  assert.deepEqual(await sizes(graph.model('d')), { a: 3, b: 3 });
});

test('what a query is compared by with a key goes where both are 0', async () => {
  const graph = new UnitGraph();
  const query = graph.recurrent('query', [3, 4], ['x']);
  const key = graph.recurrent('key', [3, 4], ['x']);
  graph.add('context', { op: 'Attention', score: 'dot', inputs: ['query', 'x', 'key'] });
  graph.dense('d', [3, 2], 'context');
  unread(query.recurrent, 1);
  unread(key.recurrent, 1);
  silent(query, 1);
  assert.deepEqual(await sizes(graph.model('d')), {});
  silent(key, 1);
  assert.deepEqual(await sizes(graph.model('d')), { query: 3, key: 3 });
});
