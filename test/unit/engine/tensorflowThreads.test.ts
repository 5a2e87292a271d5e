import assert from 'node:assert/strict';
import { test } from 'node:test';
import { threadsFor } from '../../../extension/engine/tensorflow/threads.ts';
import type { Graph, GraphNode } from '../../../extension/model/graph.ts';
import { memoryLayer, memoryParameter } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';

function lstm(inputSize: number, hiddenSize: number): GraphNode {
  return {
    op: 'LSTM',
    layer: memoryLayer({ inputSize, hiddenSize }, seeded(1)),
    inputs: ['x'],
    outputs: ['y'],
    origin: 'lstm',
    activation: { op: 'Tanh' },
    gateActivation: { op: 'Sigmoid' },
  };
}

function dense(...shape: [number, number]): GraphNode {
  const weight = memoryParameter('w', shape, new Float32Array(shape[0] * shape[1]));
  return { op: 'MatMul', weight, inputs: ['y'], outputs: ['z'], origin: 'dense' };
}

const graphOf = (...nodes: GraphNode[]): Graph => ({ inputs: [], nodes, outputs: [] });

test('TensorFlow takes one thread for a small model, however many it may use', () => {
  for (const most of [undefined, 1, 2, 8]) {
    assert.equal(threadsFor(graphOf(lstm(64, 128), dense(128, 10)), most), 1);
    assert.equal(threadsFor(graphOf(), most), 1);
  }
});

test('all that it may use where any matrix is large, and one a core where nothing was said', () => {
  for (const graph of [
    graphOf(lstm(256, 512)),
    graphOf(lstm(4, 8), lstm(20_000, 8)),
    graphOf(lstm(64, 128), dense(128, 10_000)),
  ]) {
    assert.equal(threadsFor(graph, 2), 2);
    assert.equal(threadsFor(graph, undefined), undefined);
  }
});
