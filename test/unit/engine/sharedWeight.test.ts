import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuEngine } from '../../../extension/engine/cpu/engine.ts';
import { createSession, createTrainingSession } from '../../../extension/engine/createSession.ts';
import { graphSession } from '../../../extension/engine/graphSession.ts';
import { trainingSession } from '../../../extension/engine/trainingSession.ts';
import type { Graph, GraphNode } from '../../../extension/model/graph.ts';
import { memoryParameter } from '../../support/memoryModel.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { assertClose, tensor } from './compute.ts';

/** An embedding whose table is the matrix of a dense layer too; mostly pruned, which only the dense layer can make use of. */
const table = memoryParameter('table', [8, 8], randomFloats(64, seeded(1)));
table.mask = Uint8Array.from(table.values, (_, i) => (i % 5 === 0 ? 1 : 0));

const dense: GraphNode = {
  op: 'MatMul',
  weight: table,
  inputs: ['x'],
  outputs: ['product'],
  origin: 'dense',
};
const embedding: GraphNode = {
  op: 'Gather',
  table,
  inputs: ['ids'],
  outputs: ['rows'],
  origin: 'embedding',
};
const both: GraphNode = {
  op: 'Concat',
  inputs: ['product', 'rows'],
  outputs: ['both'],
  origin: 'both',
  axis: -1,
};
const loss: GraphNode = {
  op: 'Loss',
  inputs: ['both', 'targets'],
  outputs: ['loss', 'counted'],
  origin: 'loss',
  loss: { name: 'mean_squared_error', head: 'linear', width: 16, fromLogits: false },
};
const inputs = [
  tensor([2, 3, 8], randomFloats(48, seeded(2))),
  { shape: [2, 3], data: Int32Array.of(0, 1, 2, 7, 6, 5) },
  tensor([2, 3, 16], randomFloats(96, seeded(3))),
];
const sgd = { name: 'sgd', momentum: 0, nesterov: false } as const;

const tied: GraphNode = { ...dense, transposed: true };

for (const [first, nodes] of [
  ['the dense layer', [dense, embedding]],
  ['the embedding', [embedding, dense]],
  ['the dense layer, transposed,', [tied, embedding]],
  ['the embedding that a dense layer transposes', [embedding, tied]],
] as const) {
  const graph: Graph = {
    inputs: [
      { name: 'x', shape: [null, 3, 8], dtype: 'float32' },
      { name: 'ids', shape: [null, 3], dtype: 'int32', vocabulary: 8 },
      { name: 'targets', shape: [null, 3, 16], dtype: 'float32' },
    ],
    nodes: [...nodes, both, loss],
    outputs: [{ name: 'both' }],
  };

  test(`a weight of two operators is what both can take, ${first} first`, async () => {
    const [fast, plain] = [await createSession(graph), await graphSession(graph, cpuEngine, [])];
    const [[found], [expected]] = [await fast.forward(inputs), await plain.forward(inputs)];
    await fast.dispose();
    await plain.dispose();
    assertClose(found, expected.shape, [...expected.data], 1e-5);
  });

  test(`a weight of two operators is trained as one, ${first} first`, async () => {
    const session = await createTrainingSession(graph, { optimizer: sgd });
    const before = (await session.gradients({ inputs })).gradients.get(table) as Float32Array;
    await session.step({ inputs }, { learningRate: 0.1 });
    const after = (await session.weights()).get(table) as Float32Array;
    await session.dispose();
    for (const [i, value] of table.values.entries()) {
      const expected = table.mask?.[i] === 0 ? 0 : value - 0.1 * before[i];
      assert.ok(Math.abs(after[i] - expected) < 1e-5, `${i}: ${after[i]} ${expected}`);
    }
  });

  test(`its gradient is the sum of both, ${first} first`, async () => {
    const fast = await createTrainingSession(graph, { optimizer: sgd });
    const plain = await trainingSession(graph, cpuEngine, sgd, []);
    const [found, expected] = [await fast.gradients({ inputs }), await plain.gradients({ inputs })];
    await fast.dispose();
    await plain.dispose();
    const [a, b] = [found, expected].map(({ gradients }) => gradients.get(table) as Float32Array);
    assert.ok(b.some((value) => value !== 0));
    for (const [i, value] of b.entries()) assert.ok(Math.abs(a[i] - value) < 1e-5, `${i}: ${a[i]} ${value}`);
  });
}
