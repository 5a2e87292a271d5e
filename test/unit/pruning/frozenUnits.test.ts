// Units that cannot go, and the reason that is named.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageCode } from '../../../extension/protocol/messages.ts';
import { unitSetsOf } from '../../../extension/pruning/units/unitSets.ts';
import { UnitGraph } from '../../support/unitGraph.ts';

/** A layer of five units in a graph that keeps them, by what keeps them; the sets are those of `a`. */
const cases: [
  what: string,
  code: MessageCode,
  layer: string | undefined,
  sketch: (graph: UnitGraph) => string,
][] = [
  ['an output of the model', 'reasonUnitsOutput', undefined, () => 'a'],
  [
    'an output of the model behind what keeps them apart',
    'reasonUnitsOutput',
    undefined,
    (graph) => {
      graph.add('y', { op: 'Activation', activation: { op: 'Tanh' }, inputs: ['a'] });
      return 'y';
    },
  ],
  [
    'a normalisation of rows',
    'reasonUnitsNeeded',
    'n',
    (graph) => {
      graph.add('n', { op: 'LayerNormalization', axis: -1, epsilon: 1e-3, inputs: ['a'] });
      return 'n';
    },
  ],
  [
    'statistics of theirs that stand in no array of the file',
    'reasonUnitsMet',
    'n',
    (graph) => {
      const statistic = (name: string) => ({ ...graph.parameter(name, [5]), inNoArray: true as const });
      const [mean, variance] = [statistic('mean'), statistic('variance')];
      graph.add('n', { op: 'BatchNormalization', axis: -1, epsilon: 0, mean, variance, inputs: ['a'] });
      return 'n';
    },
  ],
  [
    'a softmax over them',
    'reasonUnitsNeeded',
    's',
    (graph) => {
      graph.add('s', { op: 'Softmax', axis: -1, inputs: ['a'] });
      return 's';
    },
  ],
  [
    'a shape in which they are mixed with the steps',
    'reasonUnitsNeeded',
    'r',
    (graph) => {
      graph.add('r', { op: 'Reshape', shape: [5, 4], inputs: ['a'] });
      return 'r';
    },
  ],
  [
    'a layer for which they are steps',
    'reasonUnitsNeeded',
    'b',
    (graph) => {
      graph.add('turned', { op: 'Transpose', permutation: [0, 2, 1], inputs: ['a'] });
      graph.recurrent('b', [4, 2], ['turned']);
      return 'b';
    },
  ],
  [
    'a mask that is made of them',
    'reasonUnitsNeeded',
    'm',
    (graph) => {
      graph.add('m', { op: 'NotEqualMask', value: 0, overFeatures: true, inputs: ['a'] });
      return 'm';
    },
  ],
  [
    'an input that they are added to',
    'reasonUnitsMet',
    'sum',
    (graph) => {
      graph.add('sum', { op: 'Add', inputs: ['wide', 'a'] });
      return 'sum';
    },
  ],
  [
    'a layer that reads an input by the same weights',
    'reasonUnitsMet',
    'again',
    (graph) => {
      const shared = graph.recurrent('b', [5, 2], ['a']);
      graph.apply(shared, 'again', ['wide']);
      graph.add('y', { op: 'Add', inputs: ['b', 'again'] });
      return 'y';
    },
  ],
  [
    'weights that are used in two ways',
    'reasonUnitsShared',
    'e',
    (graph) => {
      const table = graph.dense('d', [5, 3], 'a');
      graph.add('e', { op: 'Gather', inputs: ['ids'], table });
      graph.add('y', { op: 'Add', inputs: ['d', 'e'] });
      return 'y';
    },
  ],
];

for (const [what, code, layer, sketch] of cases) {
  test(`units stay for the sake of ${what}`, () => {
    const graph = new UnitGraph();
    graph.recurrent('a', [3, 5], ['x']);
    const value = sketch(graph);
    const sets = unitSetsOf(graph.model(value));
    const [set] = sets.filter(({ layers }) => layers.some(({ name }) => name === 'a'));
    assert.equal(set.frozen?.code, code);
    assert.equal(set.frozen?.args.layer, layer);
  });
}

test('units of a layer that a softmax makes of all of them stay', () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 5], ['x'], { node: { gateActivation: { op: 'Softmax' } } });
  graph.dense('d', [5, 2], 'a');
  const [{ frozen }] = unitSetsOf(graph.model('d'));
  assert.deepEqual(frozen, { code: 'reasonUnitsNeeded', args: { layer: 'a', operator: 'LSTM' } });
});

test('units stay where the output leaves out a part of the model, that might read them', () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 5], ['x']);
  graph.dense('d', [5, 2], 'a');
  graph.parameter('other/kernel', [5, 7]);
  const [{ frozen }] = unitSetsOf(graph.model('d'));
  assert.deepEqual(frozen, { code: 'reasonUnitsLeftOut', args: { parameter: 'other/kernel' } });
});

test('units stay where a graph contradicts itself, and the contradiction is named', () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 5], ['x']);
  graph.dense('d', [6, 2], 'a');
  const [{ frozen }] = unitSetsOf(graph.model('d'));
  assert.equal(frozen?.code, 'reasonUnitsNoGraph');
  assert.equal(frozen?.cause?.code, 'graphUnsupported');
});

test('what a state that comes from outside gives to a layer keeps its units', () => {
  const graph = new UnitGraph();
  graph.add('state', { op: 'ReduceMean', inputs: ['wide'] });
  graph.recurrent('a', [3, 5], ['x', 'state'], { cell: 'GRU' });
  graph.dense('d', [5, 2], 'a');
  assert.equal(unitSetsOf(graph.model('d'))[0].frozen?.code, 'reasonUnitsMet');
});

test('units that meet ones that stay do so, too, for the same reason', () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 5], ['x']);
  graph.recurrent('b', [3, 5], ['x']);
  graph.add('sum', { op: 'Add', inputs: ['a', 'b'] });
  graph.dense('d', [5, 2], 'sum');
  graph.add('n', { op: 'LayerNormalization', axis: -1, epsilon: 1e-3, inputs: ['b'] });
  const sets = unitSetsOf(graph.model('d', 'n'));
  assert.equal(sets.length, 1);
  assert.equal(sets[0].frozen?.args.layer, 'n');
});

test('a free number of steps keeps units that are flattened with them', () => {
  const graph = new UnitGraph(null);
  graph.recurrent('a', [3, 5], ['x']);
  graph.add('flat', { op: 'Flatten', inputs: ['a'] });
  assert.equal(unitSetsOf(graph.model('flat'))[0].frozen?.args.layer, 'flat');
});
