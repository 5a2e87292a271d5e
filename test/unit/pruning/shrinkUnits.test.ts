// Which units a model can do without, and what stays of its tensors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMasked } from '../../../extension/model/parameter.ts';
import { solveShrinking } from '../../../extension/pruning/units/shrink.ts';
import { UnitGraph } from '../../support/unitGraph.ts';
import { kept, silent, sizes, stack, unread } from './shrunkUnits.ts';

test('a model of which every unit is read keeps them all', async () => {
  assert.deepEqual(await sizes(stack().model), {});
});

test('a unit that nothing reads goes, with its rows, biases and columns', async () => {
  const { model, a, b, d } = stack();
  unread(b.kernel, 1);
  unread(a.recurrent, 1);
  assert.deepEqual(await sizes(model), { a: 3 });
  const units = [0, 2, 3, 4, 6, 7, 8, 10, 11, 12, 14, 15];
  assert.deepEqual(await kept(model, a.kernel), [null, units]);
  assert.deepEqual(await kept(model, a.recurrent), [[0, 2, 3], units]);
  assert.ok(a.bias);
  assert.deepEqual(await kept(model, a.bias), [units]);
  assert.deepEqual(await kept(model, b.kernel), [[0, 2, 3], null]);
  for (const whole of [b.recurrent, d]) assert.equal(await kept(model, whole), undefined);
});

test('a unit that its own layer reads stays', async () => {
  const { model, b } = stack();
  unread(b.kernel, 1);
  assert.deepEqual(await sizes(model), {});
});

test('what a unit reads of itself keeps it from going no more than what one that goes reads of it', async () => {
  const { model, a, b } = stack();
  unread(b.kernel, 1, 2);
  // Units 1 and 2 read each other and themselves; units 0 and 3 read neither.
  const width = 16;
  for (const row of [1, 2])
    for (let column = 0; column < width; column++)
      if (column % 4 === 0 || column % 4 === 3) a.recurrent.values[row * width + column] = 0;
  assert.deepEqual(await sizes(model), { a: 2 });
});

test('a unit that only such units read as go themselves goes, too', async () => {
  const { model, a, b, d } = stack();
  unread(d, 0, 1);
  unread(b.recurrent, 0, 1);
  // Unit 3 of the first layer is read by units 0 and 1 of the second alone.
  unread(a.recurrent, 3);
  for (let column = 0; column < 20; column++) if (column % 5 > 1) b.kernel.values[3 * 20 + column] = 0;
  assert.deepEqual(await sizes(model), { a: 3, b: 3 });
});

test('outputs of a dense layer go only with the units that they meet', async () => {
  const graph = new UnitGraph();
  const a = graph.recurrent('a', [3, 4], ['x']);
  const wide = graph.dense('wide', [4, 6], 'a');
  const end = graph.dense('d', [6, 2], 'wide');
  unread(end, 0, 5);
  assert.deepEqual(await sizes(graph.model('d')), {});
  // Unit 3 is read by output 5 of the dense layer alone, which nothing reads.
  unread(a.recurrent, 3);
  wide.values.fill(0, 18, 23);
  assert.deepEqual(await sizes(graph.model('d')), { a: 3 });
  assert.deepEqual(await kept(graph.model('d'), wide), [[0, 1, 2], null]);
});

test('one unit stays of a layer that does nothing', async () => {
  const { model, b, d } = stack();
  unread(d, 0, 1, 2, 3, 4);
  assert.deepEqual(await sizes(model), { a: 1, b: 1 });
  assert.deepEqual(await kept(model, b.kernel), [[3], [4, 9, 14, 19]]);
});

test('layers of one size keep the same number of units', async () => {
  const graph = new UnitGraph();
  const forward = graph.recurrent('forward', [3, 5], ['x']);
  const backward = graph.recurrent('backward', [3, 5], ['x']);
  graph.add('both', { op: 'Concat', axis: -1, inputs: ['forward', 'backward'] });
  const d = graph.dense('d', [10, 2], 'both');
  silent(forward, 0, 1, 2);
  silent(backward, 3);
  assert.deepEqual(await sizes(graph.model('d')), { forward: 2, backward: 4 });
  const model = { ...graph.model('d'), equalSizes: [[forward, backward]] };
  assert.deepEqual(await sizes(model), { forward: 4, backward: 4 });
  // The last of those that could go come back.
  assert.deepEqual(await kept(model, d), [[1, 2, 3, 4, 5, 6, 7, 9], null]);
});

test('layers that keep what they do not need, for the sake of others of one size, are named with these', async () => {
  const { model, a, b, d } = stack();
  const equal = { ...model, equalSizes: [[a, b]] };
  const heldIn = async () => (await solveShrinking(equal, readMasked)).held;
  assert.deepEqual(await heldIn(), []);
  unread(a.recurrent, 0);
  unread(b.kernel, 0);
  assert.deepEqual(await heldIn(), [{ layers: ['a'], others: ['b'] }]);
  // As soon as the other can do without as many, both lose them.
  unread(d, 0);
  unread(b.recurrent, 0);
  assert.deepEqual(await heldIn(), []);
});

test('values become narrower where units have left them', async () => {
  const { model, b, d } = stack();
  unread(d, 0, 1);
  unread(b.recurrent, 0, 1);
  const { shrinking } = await solveShrinking(model, readMasked);
  assert.deepEqual(shrinking?.values.get('b'), { before: [null, 4, 5], after: [null, 4, 3] });
  assert.deepEqual(shrinking?.values.get('b/last'), { before: [null, 5], after: [null, 3] });
  for (const name of ['x', 'a', 'd']) {
    const change = shrinking?.values.get(name);
    assert.deepEqual(change?.after, change?.before);
  }
});

test('masks and trained values count, not what the file holds', async () => {
  const { model, b, d } = stack();
  d.mask = Uint8Array.from(d.values, (_, i) => (i < 2 ? 0 : 1));
  b.recurrent.trained = b.recurrent.values.slice().fill(0, 0, 20);
  assert.deepEqual(await sizes(model), { b: 4 });
});

test('layers that cannot shrink are named with the reason', async () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 4], ['x']);
  graph.recurrent('b', [4, 2], ['a']);
  const { frozen } = await solveShrinking(graph.model('b'), readMasked);
  assert.deepEqual(frozen, [{ layers: ['b'], reason: { code: 'reasonUnitsOutput', args: {} } }]);
});

/** LSTM a that projects 4 units to 2 outputs, LSTM b over these, and a dense layer. */
function projected() {
  const graph = new UnitGraph();
  const a = graph.recurrent('a', [3, 4], ['x'], { projection: 2, projectionBias: true, peepholes: true });
  const b = graph.recurrent('b', [2, 5], ['a']);
  graph.dense('d', [5, 2], 'b/last');
  const [peephole, projection, projectionBias] = a.further;
  return { a, b, peephole, projection, projectionBias, model: graph.model('d') };
}

test('a unit that the projection does not read goes, with its peepholes and its column', async () => {
  const { model, a, peephole, projection, projectionBias } = projected();
  assert.deepEqual(await sizes(model), {});
  for (const row of [0, 1]) projection.values[row * 4 + 1] = 0;
  assert.deepEqual(await sizes(model), { a: 3 });
  assert.deepEqual(await kept(model, projection), [null, [0, 2, 3]]);
  assert.deepEqual(await kept(model, peephole), [[0, 2, 3, 4, 6, 7, 8, 10, 11]]);
  const units = [0, 2, 3, 4, 6, 7, 8, 10, 11, 12, 14, 15];
  assert.deepEqual(await kept(model, a.kernel), [null, units]);
  // The layer reads its projection, of which all stays.
  assert.deepEqual(await kept(model, a.recurrent), [null, units]);
  assert.equal(await kept(model, projectionBias), undefined);
});

test('outputs of a projection that nothing reads stay, but go with hidden units that they are added to', async () => {
  const { model, a, b } = projected();
  unread(b.kernel, 1);
  unread(a.recurrent, 1);
  assert.deepEqual(await sizes(model), {});
  const graph = new UnitGraph();
  const first = graph.recurrent('a', [3, 4], ['x'], { projection: 3 });
  const second = graph.recurrent('b', [3, 3], ['a']);
  graph.add('sum', { op: 'Add', inputs: ['a', 'b'] });
  const dense = graph.dense('d', [3, 2], 'sum');
  const residual = graph.model('d');
  for (const matrix of [first.recurrent, second.kernel, second.recurrent, dense]) unread(matrix, 1);
  assert.deepEqual(await sizes(residual), { b: 2 });
  assert.deepEqual(await kept(residual, first.further[0]), [[0, 2], null]);
  assert.deepEqual(await kept(residual, first.recurrent), [[0, 2], null]);
});

test('a unit of a projected layer whose candidate is 0 goes, whatever its peepholes are', async () => {
  const { model, a } = projected();
  silent(a, 2);
  assert.deepEqual(await sizes(model), { a: 3 });
});

test('no unit goes where the gates are normalised over all of them', async () => {
  const graph = new UnitGraph();
  const layer = graph.recurrent('a', [3, 4], ['x'], { normalized: true });
  const dense = graph.dense('d', [4, 2], 'a/last');
  unread(dense, 1);
  unread(layer.recurrent, 1);
  silent(layer, 2);
  const { frozen } = await solveShrinking(graph.model('d'), readMasked);
  assert.deepEqual(
    frozen.map(({ layers, reason }) => [layers, reason.code]),
    [[['a'], 'reasonUnitsNeeded']],
  );
});

test('of a diagonal layer a unit that nobody reads goes, with its weight to itself', async () => {
  const graph = new UnitGraph();
  const layer = graph.recurrent('a', [3, 4], ['x'], { diagonal: true });
  const dense = graph.dense('d', [4, 2], 'a/last');
  const model = graph.model('d');
  assert.deepEqual(await sizes(model), {});
  unread(dense, 1);
  assert.deepEqual(await sizes(model), { a: 3 });
  assert.deepEqual(await kept(model, layer.recurrent), [null, [0, 2, 3, 4, 6, 7, 8, 10, 11, 12, 14, 15]]);
});

test('a unit that a second sequence does not read goes, and so does one whose candidate is 0 of both', async () => {
  const graph = new UnitGraph();
  const a = graph.recurrent('a', [3, 4], ['x']);
  const b = graph.recurrent('b', [3, 4], ['x', 'a'], { auxiliary: 4 });
  graph.dense('d', [4, 2], 'b/last');
  const model = graph.model('d');
  unread(b.further[0], 1);
  unread(a.recurrent, 1);
  silent(b, 2);
  assert.deepEqual(await sizes(model), { a: 3 });
  assert.deepEqual(await kept(model, b.further[0]), [[0, 2, 3], null]);
  // The candidate is the third gate.
  for (let row = 0; row < 4; row++) b.further[0].values[row * 16 + 2 * 4 + 2] = 0;
  assert.deepEqual(await sizes(model), { a: 3, b: 3 });
});

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
