import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { createSession } from '../../../extension/engine/session.ts';
import type { Graph } from '../../../extension/model/graph.ts';
import { memoryLayer, memoryParameter } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { tensor } from './compute.ts';

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

test('a session leaves no tensor behind, however often it ran', async () => {
  const before = tf.memory().numTensors;
  const session = await createSession(graph);
  const held = tf.memory().numTensors;
  for (let i = 0; i < 3; i++) {
    await session.run([x], ['y', 'h']);
    assert.equal(tf.memory().numTensors, held);
  }
  session.dispose();
  assert.equal(tf.memory().numTensors, before);
});

test('what was computed stays readable after the session', async () => {
  const session = await createSession(graph);
  const [y] = await session.run([x], ['y']);
  const copy = [...y.data];
  await session.run([tensor([2, 5, 3], new Float32Array(30).fill(-1))], ['y']);
  session.dispose();
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
  const [{ data }] = await session.run([tensor([1, 1_000_000, 3], values)], ['x']);
  session.dispose();
  assert.deepEqual(data, values);
});

test('the engine names itself with its version and backend', async () => {
  const session = await createSession(graph);
  session.dispose();
  assert.equal(session.engine, `TensorFlow.js ${tf.version_core} cpu`);
});
