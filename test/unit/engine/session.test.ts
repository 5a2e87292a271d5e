import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { cpuEngine } from '../../../extension/engine/cpu/engine.ts';
import { createSession } from '../../../extension/engine/createSession.ts';
import { graphSession } from '../../../extension/engine/graphSession.ts';
import { acquireRuntime, releaseRuntime } from '../../../extension/engine/wasm/runtime.ts';
import type { Graph } from '../../../extension/model/graph.ts';
import { memoryLayer, memoryParameter } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { assertClose, tensor } from './compute.ts';

const layer = memoryLayer({ inputSize: 3, hiddenSize: 2 }, seeded(1));
const weight = memoryParameter('dense/kernel', [2, 4], new Float32Array(8).fill(0.5));

const graph: Graph = {
  inputs: [{ name: 'x', shape: [null, null, 3], dtype: 'float32' }],
  nodes: [
    {
      op: 'LSTM',
      layer,
      inputs: ['x'],
      outputs: ['h', 'last'],
      origin: 'lstm',
      activation: { op: 'Tanh' },
      gateActivation: { op: 'Sigmoid' },
    },
    { op: 'MatMul', weight, inputs: ['last'], outputs: ['y'], origin: 'dense' },
  ],
  outputs: [{ name: 'y' }],
};
const x = tensor([2, 5, 3], new Float32Array(30).fill(0.1));

test('a session over layers of integers is no faster than these, whatever computes the rest', async () => {
  const [lstm, dense] = graph.nodes;
  const integers = { kind: 'hybrid', asymmetric: false } as const;
  const speeds: number[] = [];
  for (const nodes of [graph.nodes, [lstm, { ...dense, integers }]]) {
    const session = await createSession({ ...graph, nodes });
    speeds.push(session.speed);
    await session.dispose();
  }
  assert.ok(speeds[1] < speeds[0] / 10, String(speeds));
});

test('a session leaves no tensor behind, however often it ran', async () => {
  const before = tf.memory().numTensors;
  const session = await createSession(graph);
  const held = tf.memory().numTensors;
  for (let i = 0; i < 3; i++) {
    await session.observe([x], ['y', 'h']);
    assert.equal(tf.memory().numTensors, held);
  }
  await session.dispose();
  assert.equal(tf.memory().numTensors, before);
});

test('what was computed stays readable after the session', async () => {
  const session = await createSession(graph);
  const [y] = await session.observe([x], ['y']);
  const copy = [...y.data];
  await session.observe([tensor([2, 5, 3], new Float32Array(30).fill(-1))], ['y']);
  await session.dispose();
  assert.deepEqual([...y.data], copy);
});

test('a session that cannot read its weights leaves no tensor behind either', async () => {
  const before = tf.memory().numTensors;
  const unreadable = { ...weight, read: () => Promise.reject(new Error('gone')) };
  const [recurrent, dense] = graph.nodes;
  const broken: Graph = { ...graph, nodes: [recurrent, { ...dense, weight: unreadable } as typeof dense] };
  await assert.rejects(createSession(broken), /gone/);
  assert.equal(tf.memory().numTensors, before);
});

test('shapes that do not fit are refused before a weight is read', async () => {
  const [, dense] = graph.nodes;
  const unread = { ...weight, read: () => assert.fail('read') };
  const broken: Graph = { ...graph, nodes: [{ ...dense, inputs: ['x'], weight: unread } as typeof dense] };
  await assertRefuses(() => createSession(broken), 'graphUnsupported', 'dense', 'a last axis of 2');
});

test('millions of outputs are handed over as they are', async () => {
  const session = await createSession({ ...graph, nodes: [], outputs: [{ name: 'x' }] });
  const values = Float32Array.from({ length: 3_000_000 }, (_, i) => i);
  const [{ data }] = await session.observe([tensor([1, 1_000_000, 3], values)], ['x']);
  await session.dispose();
  assert.deepEqual(data, values);
});

test('the engine names itself with its threads', async () => {
  const session = await createSession(graph, { threads: 1 });
  await session.dispose();
  assert.match(session.engine, /^WebAssembly, 1 thread/);
});

test('the TensorFlow engine is asked for where it is not installed', async () => {
  await assertRefuses(() => createSession(graph, { engine: 'tensorflow' }), 'tensorflowMissing');
});

test('a graph that is too large for the WebAssembly memory is computed without it, which a note says', async () => {
  const vast = memoryLayer({ inputSize: 3, hiddenSize: 300 }, seeded(1));
  const [node] = graph.nodes;
  const large = { ...graph, nodes: [{ ...node, layer: vast } as typeof node], outputs: [{ name: 'last' }] };
  const spacious = await createSession(large);
  const [expected] = await spacious.forward([x]);
  await spacious.dispose();
  await acquireRuntime({ limit: 1 << 20 });
  try {
    const session = await createSession(large);
    const [found] = await session.forward([x]);
    await session.dispose();
    assert.match(session.engine, /^TensorFlow.js .* cpu$/);
    assert.deepEqual(
      session.notes.map(({ code }) => code),
      ['noteEngineFallback'],
    );
    assertClose(found, [2, 300], [...expected.data], 1e-5);
  } finally {
    await releaseRuntime();
  }
});

test('what feeds an embedding is a number like any other to other nodes', async () => {
  const table = memoryParameter(
    'table',
    [9, 2],
    Float32Array.from({ length: 18 }, (_, i) => i),
  );
  const dense = memoryParameter('dense/kernel', [3, 2], [1, 2, 3, 4, 5, 6]);
  const ids: Graph = {
    inputs: [{ name: 'ids', shape: [null, 3], dtype: 'int32', vocabulary: 9 }],
    nodes: [
      { op: 'Gather', table, inputs: ['ids'], outputs: ['rows'], origin: 'embedding' },
      { op: 'MatMul', weight: dense, inputs: ['ids'], outputs: ['y'], origin: 'dense' },
    ],
    outputs: [{ name: 'y' }],
  };
  const session = await createSession(ids);
  // In either order: both move the ids to the engine's memory, as numbers of different types.
  for (const values of [
    ['y', 'rows'],
    ['rows', 'y'],
  ]) {
    const found = await session.observe([tensor([2, 3], [1, 2, 3, 4, 5, 8], true)], values);
    const of = (name: string) => found[values.indexOf(name)];
    assertClose(of('y'), [2, 2], [22, 28, 59, 76], 0);
    assertClose(of('rows'), [2, 3, 2], [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 16, 17], 0);
  }
  await session.dispose();
});

test('a token id that no row belongs to is refused by the layer, wherever it came from', async () => {
  const table = memoryParameter('table', [9, 2], new Float32Array(18));
  const shifted: Graph = {
    inputs: [{ name: 'x', shape: [null, 4], dtype: 'float32' }],
    nodes: [
      { op: 'Reshape', shape: [2, 2], inputs: ['x'], outputs: ['ids'], origin: 'reshape' },
      { op: 'Gather', table, inputs: ['ids'], outputs: ['rows'], origin: 'embedding' },
    ],
    outputs: [{ name: 'rows' }],
  };
  for (const open of [createSession(shifted), graphSession(shifted, cpuEngine, [])]) {
    const session = await open;
    await assertRefuses(
      () => session.forward([tensor([1, 4], [1, 8, 9, 0])]),
      'tokenOutside',
      'embedding',
      '9',
    );
    await assertRefuses(() => session.forward([tensor([1, 4], [1, -1, 3, 0])]), 'tokenOutside', '-1');
    await session.forward([tensor([1, 4], [1, 8, 3, 0])]);
    await session.dispose();
  }
});
