import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnitGraph } from '../../support/unitGraph.ts';
import { kept, silent, sizes, unread } from './shrunkUnits.ts';

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
