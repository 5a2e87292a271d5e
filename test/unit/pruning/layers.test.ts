// Which recurrent layers a model can do without whole, and which of them a plan takes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../../../extension/engine/createSession.ts';
import { randomBatch } from '../../../extension/engine/randomInputs.ts';
import type { Graph } from '../../../extension/model/graph.ts';
import { Random } from '../../../extension/model/random.ts';
import { redirected } from '../../../extension/ops/redirect.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { leavingLayers } from '../../../extension/pruning/layers/leavingLayers.ts';
import { layerRemovals } from '../../../extension/pruning/layers/removals.ts';
import { planOf } from '../../../extension/pruning/plan.ts';
import type { Solvable } from '../../../extension/pruning/units/shrink.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { UnitGraph } from '../../support/unitGraph.ts';

const file = 'model.keras';

/** `b: c → a` where whoever reads c is to read a without layer b; `b: reason` where b cannot go. */
function ways({ graph }: Solvable): string[] {
  return layerRemovals(graph as Graph).map(({ name, way }) =>
    'reason' in way
      ? `${name}: ${way.reason.code}`
      : `${name}: ${way.redirection.from} → ${way.redirection.to}`,
  );
}

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

async function outputs(graph: Graph): Promise<Float32Array> {
  const session = await createSession(graph, { engine: 'wasm' });
  try {
    const [output] = await session.forward(randomBatch(graph, 3, 4, new Random(2)));
    return output.data as Float32Array;
  } finally {
    await session.dispose();
  }
}

/** LSTMs a, b, c and d over 3 features, 5 units each, of which d hands on its last step. */
function stack() {
  const graph = new UnitGraph();
  const layers = [['x', 3] as const, ['a', 5] as const, ['b', 5] as const, ['c', 5] as const].map(
    ([input, width], i) => graph.recurrent('abcd'[i], [width, 5], [input]),
  );
  graph.dense('y', [5, 2], 'd/last');
  return { layers, model: graph.model('y') };
}

test('a layer whose output is as its input is passed by; others say why they cannot be', () => {
  assert.deepEqual(ways(stack().model), [
    'a: reasonLayerWidth',
    'b: b → a',
    'c: c → b',
    'd: reasonLayerLastStep',
  ]);
});

test('a layer that gives the output, that takes a state, that is used twice or whose state is read stays', () => {
  const graph = new UnitGraph();
  const twice = graph.recurrent('twice', [3, 3], ['x']);
  graph.apply(twice, 'again', ['twice']);
  graph.recurrent('encoder', [3, 3], ['again']);
  graph.recurrent('decoder', [3, 3], ['encoder', 'encoder/h', 'encoder/c']);
  graph.recurrent('end', [3, 3], ['decoder']);
  assert.deepEqual(ways(graph.model('end')), [
    'twice: reasonLayerShared',
    'encoder: reasonLayerState',
    'decoder: reasonLayerState',
    'end: reasonLayerOutput',
  ]);
});

test('a layer that turns the steps round stays', () => {
  const graph = new UnitGraph();
  const nodes = [
    { op: 'Reverse', inputs: ['x'], outputs: ['turned'], origin: 'a' },
    { op: 'Reverse', inputs: ['a'], outputs: ['turnedAgain'], origin: 'b' },
  ] as const;
  graph.nodes.push(nodes[0]);
  graph.recurrent('a', [3, 3], ['turned']);
  graph.nodes.push(nodes[1]);
  graph.recurrent('b', [3, 3], ['turnedAgain']);
  graph.dense('y', [3, 2], 'b');
  assert.deepEqual(ways(graph.model('y')), ['a: reasonLayerTurns', 'b: reasonLayerTurns']);
});

test('both directions go together, with what joins them', () => {
  const graph = new UnitGraph();
  graph.recurrent('rnn/forward', [3, 3], ['x']);
  graph.nodes.push({ op: 'Reverse', inputs: ['x'], outputs: ['turned'], origin: 'rnn/backward' });
  const backward = graph.recurrent('rnn/backward', [3, 3], ['turned']);
  Object.assign(backward, { direction: 'backward' });
  graph.nodes.push({ op: 'Reverse', inputs: ['rnn/backward'], outputs: ['back'], origin: 'rnn/backward' });
  graph.add('sum', { op: 'Add', inputs: ['rnn/forward', 'back'] });
  graph.recurrent('after', [3, 2], ['sum']);
  graph.dense('y', [2, 2], 'after');
  assert.deepEqual(ways(graph.model('y')), [
    'rnn/forward + rnn/backward: sum → x',
    'after: reasonLayerWidth',
  ]);
});

/** x and LSTM(x normalized) summed, behind a dropout; then another layer. */
function residual() {
  const graph = new UnitGraph();
  const gamma = graph.parameter('norm/gamma', [3]);
  graph.add('norm', { op: 'LayerNormalization', axis: -1, epsilon: 1e-3, gamma, inputs: ['x'] });
  const inner = graph.recurrent('inner', [3, 3], ['norm']);
  graph.add('dropped', { op: 'Dropout', rate: 0.5, inputs: ['inner'] });
  graph.add('sum', { op: 'Add', inputs: ['x', 'dropped'] });
  graph.recurrent('after', [3, 2], ['sum']);
  graph.dense('y', [2, 2], 'after');
  return { inner, model: graph.model('y') };
}

test('a layer of a residual connection is left out of the sum, with what only it read', () => {
  const { model } = residual();
  assert.deepEqual(ways(model), ['inner: sum → x', 'after: reasonLayerWidth']);
  const graph = redirected(model.graph as Graph, [{ from: 'sum', to: 'x' }]);
  assert.deepEqual(
    graph.nodes.map(({ origin }) => origin),
    ['after', 'y'],
  );
});

test('left out of a residual connection a layer changes no more than zeros as its weights', async () => {
  const { inner, model } = residual();
  const graph = redirected(model.graph as Graph, [{ from: 'sum', to: 'x' }]);
  const without = await outputs(graph);
  assert.notDeepEqual(await outputs(model.graph as Graph), without);
  for (const { values } of [inner.kernel, inner.recurrent, ...(inner.bias ? [inner.bias] : [])])
    values.fill(0);
  assert.deepEqual(await outputs(model.graph as Graph), without);
});

test('of a sum of two layers only one is left out', () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 5], ['x']);
  graph.recurrent('b', [3, 5], ['x']);
  graph.add('sum', { op: 'Add', inputs: ['a', 'b'] });
  graph.dense('y', [5, 2], 'sum');
  assert.deepEqual(ways(graph.model('y')), ['a: sum → b', 'b: reasonLayerWidth']);
});

test('a layer stays on whose account alone another one is read', () => {
  const graph = new UnitGraph();
  graph.recurrent('a', [3, 4], ['x']);
  graph.recurrent('b', [4, 3], ['a']);
  graph.add('sum', { op: 'Add', inputs: ['x', 'b'] });
  graph.dense('y', [3, 2], 'sum');
  assert.deepEqual(ways(graph.model('y')), ['a: reasonLayerWidth', 'b: reasonLayerWidth']);
});

test('a mask is read where the layer that it came through has gone', () => {
  const graph = new UnitGraph();
  graph.add('mask', { op: 'NotEqualMask', value: 0, overFeatures: true, inputs: ['x'] });
  graph.recurrent('a', [3, 3], ['x'], { node: { mask: 'mask' } });
  graph.recurrent('b', [3, 3], ['a'], { node: { mask: 'mask' } });
  graph.dense('y', [3, 2], 'b/last');
  const { nodes } = redirected(graph.model('y').graph as Graph, [{ from: 'a', to: 'x' }]);
  assert.deepEqual(
    nodes.map(({ origin, inputs }) => `${origin} of ${inputs}`),
    ['mask of x', 'b of x', 'y of b/last'],
  );
});

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
