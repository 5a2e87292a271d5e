import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Graph } from '../../../extension/model/graph.ts';
import { redirected } from '../../../extension/ops/redirect.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { leavingLayers } from '../../../extension/pruning/layers/leavingLayers.ts';
import { planOf } from '../../../extension/pruning/plan.ts';
import type { Solvable } from '../../../extension/pruning/units/shrink.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { UnitGraph } from '../../support/unitGraph.ts';
import { stack, ways } from './layerStack.ts';

const file = 'model.keras';

async function leaving(model: Solvable, recipe: Recipe): Promise<string[]> {
  const plan = planOf({ granularity: 'layer', ...recipe }, model);
  const { removed } = await leavingLayers(plan, { file }, model.graph as Graph);
  return removed.map(({ name }) => name);
}

/** What is left of a graph, and which layers stay against the plan, with the reason. */
async function left(model: Solvable, recipe: Recipe) {
  const graph = model.graph as Graph;
  const { redirections, notes } = await leavingLayers(
    planOf({ granularity: 'layer', ...recipe }, model),
    { file },
    graph,
  );
  return {
    nodes: redirected(graph, redirections).nodes.map(({ origin }) => origin),
    stays: notes.map(({ args, cause }) => `${args.layers}: ${cause?.code}`),
  };
}

test('the layers with the smallest weights go, as many as their share of those that can', async () => {
  const { layers, model } = stack();
  for (const parameter of [layers[2].kernel, layers[2].recurrent])
    for (const i of parameter.values.keys()) parameter.values[i] /= 10;
  assert.deepEqual(await leaving(model, { sparsity: 0.5 }), ['c']);
  assert.deepEqual(await leaving(model, { sparsity: 0.5, criterion: 'l2' }), ['c']);
  // As others stay, all that can go may.
  assert.deepEqual(await leaving(model, { sparsity: 1 }), ['b', 'c']);
  assert.deepEqual(await leaving(model, { sparsity: 0.2 }), []);
});

test('a layer of zeros goes no sooner than another', async () => {
  const { layers, model } = stack();
  for (const { values } of [layers[1].kernel, layers[1].recurrent]) values.fill(0);
  assert.deepEqual(await leaving(model, { sparsity: 0 }), []);
  assert.deepEqual(await leaving(model, { sparsity: 0, targets: { c: 1 } }), ['c']);
  assert.deepEqual(await leaving(model, { sparsity: 0.5 }), ['b']);
});

test('layers that feed a third one alone do not all go', async () => {
  const graph = new UnitGraph();
  graph.recurrent('c', [3, 4], ['x']);
  for (const name of ['a', 'b']) {
    graph.recurrent(name, [4, 3], ['c']);
    graph.add(`${name}/sum`, { op: 'Add', inputs: [name === 'a' ? 'x' : 'a/sum', name] });
  }
  graph.recurrent('after', [3, 2], ['b/sum']);
  graph.dense('y', [2, 2], 'after');
  const model = graph.model('y');
  assert.deepEqual(await left(model, { sparsity: 0, targets: { a: 1, b: 1 } }), {
    nodes: ['c', 'b', 'b/sum', 'after', 'y'],
    stays: ['b: reasonLayerFeeds'],
  });
});

test('a sum of which one part was passed by from end to end goes too', async () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 3], ['x']);
  graph.recurrent('b', [3, 3], ['a']);
  graph.add('sum', { op: 'Add', inputs: ['x', 'b'] });
  graph.recurrent('after', [3, 2], ['sum']);
  graph.dense('y', [2, 2], 'after');
  const model = graph.model('y');
  assert.deepEqual(await left(model, { sparsity: 1 }), { nodes: ['after', 'y'], stays: [] });
  assert.deepEqual((await left(model, { sparsity: 0, targets: { a: 1 } })).nodes, ['b', 'sum', 'after', 'y']);
});

test('the sum that the model puts out keeps both its parts', async () => {
  const graph = new UnitGraph();
  graph.recurrent('first', [3, 3], ['x']);
  graph.recurrent('a', [3, 3], ['first']);
  graph.add('sum', { op: 'Add', inputs: ['first', 'a'] });
  assert.deepEqual(ways(graph.model('sum')), ['first: first → x', 'a: reasonLayerOutput']);
  graph.nodes.pop();
  graph.recurrent('b', [3, 3], ['a']);
  graph.add('sum', { op: 'Add', inputs: ['first', 'b'] });
  assert.deepEqual(await left(graph.model('sum'), { sparsity: 1 }), {
    nodes: ['b', 'sum'],
    stays: [],
  });
});

test('a layer can be named, or left out', async () => {
  const { model } = stack();
  assert.deepEqual(await leaving(model, { sparsity: 0, targets: { b: 1 } }), ['b']);
  assert.deepEqual(await leaving(model, { sparsity: 1, exclude: 'c' }), ['b']);
});

test('what cannot go is noted, and refused where nothing can', async () => {
  const { model } = stack();
  const { notes } = planOf({ granularity: 'layer', sparsity: 1 }, model);
  assert.deepEqual(
    notes.map(({ code, args, cause }) => [code, args.layers, cause?.code]),
    [
      ['noteLayerFixed', ['a'], 'reasonLayerWidth'],
      ['noteLayerFixed', ['d'], 'reasonLayerLastStep'],
    ],
  );
  const graph = new UnitGraph();
  graph.recurrent('only', [3, 5], ['x']);
  graph.dense('y', [5, 2], 'only');
  const planned = async (recipe: Recipe, of: Solvable) =>
    planOf({ granularity: 'layer', sparsity: 1, ...recipe }, of);
  await assertRefuses(() => planned({}, graph.model('y')), 'layersFixed', 'only');
  await assertRefuses(() => planned({ exclude: 'b/kernel,c/kernel,a,d' }, model), 'layersExcluded', 'b', 'c');
  const { graph: _, ...rest } = model;
  const blind = { ...rest, notEvaluable: { code: 'outputsUnsupported', args: { count: 2 } } } as const;
  await assertRefuses(() => planned({}, blind), 'layersUnknown', '2');
});

test('a target for a layer that cannot go is refused with the reason', async () => {
  const { model } = stack();
  await assertRefuses(() => leaving(model, { sparsity: 0, targets: { a: 1 } }), 'layerFixed', 'a');
  assert.deepEqual(await leaving(model, { sparsity: 1, targets: { a: 0 } }), ['b', 'c']);
});

test('a layer that its file cannot be written without stays', () => {
  const { model } = stack();
  const reason = { code: 'reasonLayersTangled', args: {} } as const;
  const { sets, notes } = planOf({ granularity: 'layer', sparsity: 1 }, model, new Map([['b', reason]]));
  assert.deepEqual(
    sets.map(({ removals = [] }) => removals.map(({ name }) => name)),
    [['c']],
  );
  assert.ok(notes.some(({ args, cause }) => String(args.layers) === 'b' && cause === reason));
});

test('a share that rounds to no layer is told, with the least that does not', async () => {
  const { model } = stack();
  const plan = planOf({ granularity: 'layer', sparsity: 0.25 }, model);
  const { notes } = await leavingLayers(plan, { file }, model.graph as Graph);
  assert.deepEqual(notes, [{ code: 'noteNoLayerRemoved', args: { share: '25 %', count: 2, least: '25 %' } }]);
  assert.equal((await leaving(model, { sparsity: 0.26 })).length, 1);
});

test('one recurrent layer always stays', async () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 3], ['x']);
  graph.recurrent('b', [3, 3], ['a']);
  graph.dense('y', [3, 2], 'b');
  const model = graph.model('y');
  const { stays, nodes } = await left(model, { sparsity: 1 });
  assert.equal(nodes.length, 2);
  assert.match(stays.join(), /^[ab]: reasonLayerLast$/);
  await assertRefuses(
    () => leaving(model, { sparsity: 0, targets: { a: 1, b: 1 } }),
    'layersAllGone',
    'a',
    'b',
  );
});
