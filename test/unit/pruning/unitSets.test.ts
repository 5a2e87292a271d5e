import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Parameter } from '../../../extension/model/parameter.ts';
import type { UnitPlace, UnitSet } from '../../../extension/pruning/units/unitSet.ts';
import { unitSetsOf } from '../../../extension/pruning/units/unitSets.ts';
import { UnitGraph } from '../../support/unitGraph.ts';

/** `a` or `a + b`, with the number of units: how a model's sets are told apart. */
function described(sets: readonly UnitSet[]): string[] {
  return sets.map(({ size, layers }) => `${size} of ${layers.map(({ name }) => name).join(' + ')}`);
}

/** Flat indices of all weights that a unit owns in a parameter, ascending. */
function owned({ places }: UnitSet, unit: number, parameter: Parameter, part?: UnitPlace['part']): number[] {
  const indices = new Set<number>();
  for (const { view, axis, part: own } of places) {
    if (view.parameter !== parameter || (part && own !== part)) continue;
    for (let i = 0; i < (axis === 'row' ? view.columns : view.rows); i++) {
      const [r, c] = axis === 'row' ? [unit, i] : [i, unit];
      indices.add(view.offset + r * view.rowStride + c * view.columnStride);
    }
  }
  return [...indices].sort((a, b) => a - b);
}

/** All indices of a row-major matrix [rows, columns] at which a test holds. */
function indicesWhere(
  rows: number,
  columns: number,
  holds: (row: number, column: number) => boolean,
): number[] {
  return [...Array(rows * columns).keys()].filter((i) => holds(Math.floor(i / columns), i % columns));
}

for (const [cell, gates] of [
  ['LSTM', 4],
  ['GRU', 3],
  ['RNN', 1],
] as const) {
  test(`a unit of a ${cell} owns its rows in every gate, its biases, and all that reads it`, () => {
    const graph = new UnitGraph();
    const first = graph.recurrent('a', [3, 5], ['x'], { cell, biases: 2 });
    const second = graph.recurrent('b', [5, 2], ['a']);
    const dense = graph.dense('d', [2, 3], 'b/last');
    const sets = unitSetsOf(graph.model('d'));
    assert.deepEqual(described(sets), ['5 of a', '2 of b']);
    const [a, b] = sets;
    const isUnit = (column: number) => column % 5 === 4;
    assert.deepEqual(
      owned(a, 4, first.kernel, 'own'),
      indicesWhere(3, 5 * gates, (_, column) => isUnit(column)),
    );
    assert.deepEqual(
      owned(a, 4, first.recurrent, 'own'),
      indicesWhere(5, 5 * gates, (row, column) => row === 4 || isUnit(column)),
    );
    assert.ok(first.bias);
    assert.deepEqual(
      owned(a, 4, first.bias, 'own'),
      indicesWhere(2, 5 * gates, (_, column) => isUnit(column)),
    );
    assert.deepEqual(
      owned(a, 4, second.kernel, 'consumer'),
      indicesWhere(5, 8, (row) => row === 4),
    );
    assert.deepEqual(
      owned(b, 1, dense, 'consumer'),
      indicesWhere(2, 3, (row) => row === 1),
    );
    assert.ok(sets.every(({ frozen }) => !frozen));
  });
}

for (const op of ['Add', 'Sub', 'Mul', 'Mean', 'Max', 'Min'] as const) {
  test(`${op} ties the units that meet`, () => {
    const graph = new UnitGraph();
    graph.recurrent('a', [3, 5], ['x']);
    const second = graph.recurrent('b', [5, 5], ['a'], { cell: 'GRU' });
    graph.add('sum', { op, inputs: ['a', 'b'] });
    const dense = graph.dense('d', [5, 2], 'sum');
    const sets = unitSetsOf(graph.model('d'));
    assert.deepEqual(described(sets), ['5 of a + b']);
    const rows = indicesWhere(5, 15, (row, column) => row === 2 || column % 5 === 2);
    assert.deepEqual(owned(sets[0], 2, second.recurrent), rows);
    assert.deepEqual(
      owned(sets[0], 2, second.kernel, 'consumer'),
      indicesWhere(5, 15, (row) => row === 2),
    );
    assert.deepEqual(owned(sets[0], 2, dense), [4, 5]);
  });
}

test('beside each other, units are read at their places', () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 2], ['x']);
  graph.recurrent('b', [3, 4], ['x']);
  graph.add('both', { op: 'Concat', axis: -1, inputs: ['x', 'a', 'b'] });
  const dense = graph.dense('d', [9, 2], 'both');
  const [a, b] = unitSetsOf(graph.model('d'));
  assert.deepEqual(owned(a, 1, dense), [8, 9]);
  assert.deepEqual(owned(b, 0, dense), [10, 11]);
  assert.ok(!a.frozen && !b.frozen);
});

test('one after another in time, units are tied', () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 4], ['x']);
  graph.recurrent('b', [3, 4], ['x']);
  graph.add('both', { op: 'Concat', axis: 1, inputs: ['a', 'b'] });
  graph.dense('d', [4, 2], 'both');
  assert.deepEqual(described(unitSetsOf(graph.model('d'))), ['4 of a + b']);
});

test('a layer that meets two others has a part of its units with each', () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 2], ['x']);
  graph.recurrent('b', [3, 4], ['x']);
  const third = graph.recurrent('c', [3, 6], ['x'], { cell: 'RNN' });
  graph.add('both', { op: 'Concat', axis: -1, inputs: ['a', 'b'] });
  graph.add('sum', { op: 'Add', inputs: ['both', 'c'] });
  graph.dense('d', [6, 2], 'sum');
  const sets = unitSetsOf(graph.model('d'));
  assert.deepEqual(described(sets), ['2 of a + c', '4 of b + c']);
  assert.deepEqual(owned(sets[1], 3, third.kernel), [5, 11, 17]);
});

test('flattened, a unit is read once a step', () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 5], ['x']);
  graph.add('flat', { op: 'Flatten', inputs: ['a'] });
  const dense = graph.dense('d', [20, 2], 'flat');
  const [a] = unitSetsOf(graph.model('d'));
  assert.deepEqual(
    owned(a, 3, dense),
    indicesWhere(20, 2, (row) => row % 5 === 3),
  );
});

test('flattened with the units before the steps, the steps of a unit follow each other', () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 5], ['x']);
  graph.add('turned', { op: 'Transpose', permutation: [0, 2, 1], inputs: ['a'] });
  graph.add('flat', { op: 'Flatten', inputs: ['turned'] });
  const dense = graph.dense('d', [20, 2], 'flat');
  const [a] = unitSetsOf(graph.model('d'));
  assert.deepEqual(
    owned(a, 3, dense),
    indicesWhere(20, 2, (row) => Math.floor(row / 4) === 3),
  );
});

test('normalisation by fixed statistics has an entry a unit', () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 5], ['x']);
  const [mean, variance, gamma] = ['mean', 'variance', 'gamma'].map((name) => graph.parameter(name, [5]));
  graph.add('n', { op: 'BatchNormalization', inputs: ['a'], axis: -1, epsilon: 1e-3, mean, variance, gamma });
  graph.dense('d', [5, 2], 'n');
  const [a] = unitSetsOf(graph.model('d'));
  for (const vector of [mean, variance, gamma]) assert.deepEqual(owned(a, 3, vector, 'consumer'), [3]);
});

test('an output of a dense layer that meets a unit goes with it', () => {
  const graph = new UnitGraph();
  const wide = graph.dense('wide', [3, 5], 'x');
  graph.recurrent('a', [5, 5], ['wide']);
  graph.add('sum', { op: 'Add', inputs: ['wide', 'a'] });
  graph.dense('d', [5, 2], 'sum');
  const [a, ...more] = unitSetsOf(graph.model('d'));
  assert.equal(more.length, 0);
  assert.deepEqual(owned(a, 1, wide, 'tied'), [1, 6, 11]);
  assert.deepEqual(owned(a, 1, graph.others[1], 'tied'), [1]);
});

test('what an embedding adds to units goes with them', () => {
  const graph = new UnitGraph();
  const table = graph.parameter('table', [7, 5]);
  graph.add('e', { op: 'Gather', inputs: ['ids'], table });
  graph.recurrent('a', [5, 5], ['e']);
  graph.add('sum', { op: 'Add', inputs: ['e', 'a'] });
  graph.dense('d', [5, 2], 'sum');
  const [a] = unitSetsOf(graph.model('d'));
  assert.deepEqual(
    owned(a, 2, table, 'tied'),
    indicesWhere(7, 5, (_, column) => column === 2),
  );
});

test('a layer that is applied twice reads units of both, which are tied', () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 4], ['x']);
  graph.recurrent('b', [3, 4], ['x']);
  const shared = graph.recurrent('c', [4, 5], ['a']);
  graph.apply(shared, 'again', ['b']);
  graph.dense('d', [5, 2], 'c/last');
  graph.dense('e', [5, 2], 'again/last');
  graph.add('y', { op: 'Concat', axis: -1, inputs: ['d', 'e'] });
  assert.deepEqual(described(unitSetsOf(graph.model('y'))), ['4 of a + b', '5 of c']);
});

test('a state that is handed on ties the units of both layers', () => {
  const graph = new UnitGraph();
  graph.recurrent('encoder', [3, 4], ['x']);
  graph.recurrent('decoder', [3, 4], ['x', 'encoder/h', 'encoder/c']);
  graph.dense('d', [4, 2], 'decoder');
  const sets = unitSetsOf(graph.model('d'));
  assert.deepEqual(described(sets), ['4 of encoder + decoder']);
  assert.equal(sets[0].frozen, undefined);
});

test('repeated, averaged over the steps and attended to, units stay what they are', () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 4], ['x']);
  graph.add('mean', { op: 'ReduceMean', inputs: ['a'] });
  graph.add('all', { op: 'RepeatVector', count: 6, inputs: ['mean'] });
  graph.recurrent('query', [4, 5], ['all']);
  graph.recurrent('key', [3, 5], ['x']);
  graph.recurrent('value', [3, 2], ['x']);
  graph.add('context', { op: 'Attention', score: 'dot', inputs: ['query', 'value', 'key'] });
  const dense = graph.dense('d', [2, 2], 'context');
  const sets = unitSetsOf(graph.model('d'));
  assert.deepEqual(described(sets), ['4 of a', '5 of query + key', '2 of value']);
  assert.deepEqual(owned(sets[2], 1, dense), [2, 3]);
  assert.ok(sets.every(({ frozen }) => !frozen));
});

test('without a graph every layer is a set that owns its own weights, and none can go', () => {
  const graph = new UnitGraph();
  const layer = graph.recurrent('a', [3, 4], ['x']);
  const { layers, parameters } = graph.model('a');
  const notEvaluable = { code: 'layerUnsupported', args: { layer: 'conv', type: 'Conv1D' } } as const;
  const [set] = unitSetsOf({ layers, parameters, notEvaluable });
  assert.deepEqual(set.frozen, { code: 'reasonUnitsNoGraph', args: {}, cause: notEvaluable });
  assert.deepEqual(
    owned(set, 1, layer.kernel),
    indicesWhere(3, 16, (_, column) => column % 4 === 1),
  );
});
