// How small a model of the same structure is made to have no more parameters than asked for.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Solvable } from '../../../extension/pruning/units/shrink.ts';
import { shrinkWithin } from '../../../extension/pruning/units/shrinkWithin.ts';
import { UnitGraph } from '../../support/unitGraph.ts';

/** Sizes of the layers that are left, and the parameters. */
function within(model: Solvable, most: number): { sizes: number[]; parameters: number } {
  const { shrinking, parameters } = shrinkWithin(model, most);
  const sizes = model.layers.map(
    ({ name, hiddenSize }) => shrinking?.layers.find((layer) => layer.name === name)?.after ?? hiddenSize,
  );
  return { sizes, parameters };
}

/** LSTM of 5 units over 3 inputs, and 2 outputs: u units make 4 u (3 + u + 1) + 2 (u + 1) parameters. */
function single(): Solvable {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 5], ['x']);
  graph.dense('d', [5, 2], 'a/last');
  return graph.model('d');
}

test('a layer gets as many units as there is room for', () => {
  for (const [most, units, parameters] of [
    [192, 5, 192],
    [191, 4, 138],
    [92, 3, 92],
    [91, 2, 54],
    [54, 2, 54],
    [53, 1, 24],
  ])
    assert.deepEqual(within(single(), most), { sizes: [units], parameters }, `${most}`);
});

test('a model that is small enough keeps all', () => {
  const { shrinking, frozen } = shrinkWithin(single(), 1000);
  assert.equal(shrinking, undefined);
  assert.deepEqual(frozen, []);
});

test('at least one unit stays, and the parameters are told', () => {
  assert.deepEqual(within(single(), 0), { sizes: [1], parameters: 24 });
});

test('layers are cut to the same share of their units', () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 4], ['x']);
  graph.recurrent('b', [4, 8], ['a']);
  graph.dense('d', [8, 2], 'b/last');
  const model = graph.model('d');
  // 4 a (3 + a + 1) + 4 b (a + b + 1) + 2 (b + 1)
  for (const [most, a, b, parameters] of [
    [36, 1, 1, 36],
    [58, 1, 2, 58],
    [127, 1, 3, 88],
    [169, 2, 3, 128],
    [170, 2, 4, 170],
    [275, 2, 5, 220],
    [276, 3, 5, 276],
  ])
    assert.deepEqual(within(model, most), { sizes: [a, b], parameters }, `${most}`);
});

test('layers of which the file states one size lose the same number', () => {
  const graph = new UnitGraph();
  const forward = graph.recurrent('f', [3, 4], ['x']);
  const backward = graph.recurrent('b', [3, 4], ['x']);
  graph.add('c', { op: 'Concat', inputs: ['f', 'b'], axis: 2 });
  graph.dense('d', [8, 2], 'c');
  const model: Solvable = { ...graph.model('d'), equalSizes: [[forward, backward]] };
  // Each direction 4 u (3 + u + 1), and 2 (2 u + 1).
  for (const [most, units, parameters] of [
    [105, 1, 46],
    [106, 2, 106],
    [181, 2, 106],
    [274, 4, 274],
  ])
    assert.deepEqual(within(model, most), { sizes: [units, units], parameters }, `${most}`);
});

test('layers whose outputs are added are cut together', () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 4], ['x']);
  graph.recurrent('b', [4, 4], ['a']);
  graph.add('s', { op: 'Add', inputs: ['a', 'b'] });
  graph.dense('d', [4, 2], 's');
  const { sizes } = within(graph.model('d'), 100);
  assert.equal(sizes[0], sizes[1]);
});

test('units that cannot go stay whole, and the others make room', () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 4], ['x']);
  graph.recurrent('b', [4, 2], ['a']);
  const model = graph.model('b');
  // 4 a (3 + a + 1) + 8 (a + 2 + 1)
  assert.deepEqual(within(model, 111), { sizes: [2, 2], parameters: 88 });
  assert.deepEqual(shrinkWithin(model, 111).frozen, [
    { layers: ['b'], reason: { code: 'reasonUnitsOutput', args: {} } },
  ]);
});

test('without a graph nothing can be cut', () => {
  const model = single();
  const { shrinking, parameters, frozen } = shrinkWithin(
    { layers: model.layers, parameters: model.parameters },
    9,
  );
  assert.equal(shrinking, undefined);
  assert.equal(parameters, 192);
  assert.equal(frozen[0].reason.code, 'reasonUnitsNoGraph');
});
