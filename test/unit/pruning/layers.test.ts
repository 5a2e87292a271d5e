// Which recurrent layers a model can do without whole, and which of them a plan takes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSession } from '../../../extension/engine/createSession.ts';
import { randomBatch } from '../../../extension/engine/randomInputs.ts';
import type { Graph } from '../../../extension/model/graph.ts';
import { Random } from '../../../extension/model/random.ts';
import { redirected } from '../../../extension/ops/redirect.ts';
import { UnitGraph } from '../../support/unitGraph.ts';
import { stack, ways } from './layerStack.ts';

async function outputs(graph: Graph): Promise<Float32Array> {
  const session = await createSession(graph, { engine: 'wasm' });
  try {
    const [output] = await session.forward(randomBatch(graph, 3, 4, new Random(2)));
    return output.data as Float32Array;
  } finally {
    await session.dispose();
  }
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
