import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openModel } from '../../../extension/formats/open.ts';
import type { Graph } from '../../../extension/model/graph.ts';
import type { ConvNode } from '../../../extension/model/windowNodes.ts';
import { operationsPerSample } from '../../../extension/ops/cost.ts';
import { memoryParameter } from '../../support/memoryModel.ts';
import { root } from '../../support/paths.ts';

test('the operations of a model are those of its matrix products at every step', async () => {
  const model = await openModel(`${root}/examples/reber/reber.keras`);
  try {
    // 32 steps of an LSTM with 7 inputs and 40 units, and of a dense layer from 40 to 7.
    const expected = 2 * 32 * (4 * 40 * (7 + 40) + 40 * 7);
    assert.equal(operationsPerSample(model.graph as Graph, 32), expected);
  } finally {
    await model.close();
  }
});

test('a convolution of images costs its kernel at every place', () => {
  const parameter = memoryParameter('k', [6, 2, 3], new Float32Array(36));
  const view = { parameter, rows: 3, columns: 2, rowStride: 1, columnStride: 3 };
  const node: ConvNode = {
    op: 'Conv',
    taps: Array.from({ length: 6 }, (_, tap) => ({ ...view, offset: tap * 6 })),
    rows: { size: 2, stride: 2, dilation: 1, padding: [0, 0] },
    ...{ groups: 1, stride: 1, dilation: 1, spread: 1, padding: [1, 1] },
    inputs: ['x'],
    outputs: ['y'],
    origin: 'conv',
  };
  const graph: Graph = {
    inputs: [{ name: 'x', shape: [null, 8, null, 2], dtype: 'float32' }],
    nodes: [node],
    outputs: [{ name: 'y' }],
  };
  assert.equal(operationsPerSample(graph, 5), 2 * (4 * 5) * (2 * 3 * 2 * 3));
});

test('attention costs a product of every query with every key, and of every score with every value', () => {
  const graph: Graph = {
    inputs: [
      { name: 'query', shape: [null, 3, 4], dtype: 'float32' },
      { name: 'value', shape: [null, null, 2], dtype: 'float32' },
      { name: 'key', shape: [null, null, 4], dtype: 'float32' },
    ],
    nodes: [
      {
        op: 'Attention',
        score: 'dot',
        inputs: ['query', 'value', 'key'],
        outputs: ['y'],
        origin: 'attention',
      },
    ],
    outputs: [{ name: 'y' }],
  };
  assert.equal(operationsPerSample(graph, 5), 2 * (3 * 5 * 4 + 3 * 5 * 2));
});
