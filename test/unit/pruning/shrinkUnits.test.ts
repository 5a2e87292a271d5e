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
