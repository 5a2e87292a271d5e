import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openModel } from '../../../extension/formats/open.ts';
import type { Graph } from '../../../extension/model/graph.ts';
import { operationsPerSample } from '../../../extension/ops/cost.ts';
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
