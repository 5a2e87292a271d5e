// What weights begin with where nothing was trained.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freshWeights } from '../../../extension/model/freshWeights.ts';
import { type GateView, gathered } from '../../../extension/model/gateView.ts';
import type { Graph } from '../../../extension/model/graph.ts';
import type { RecurrentLayer } from '../../../extension/model/recurrentLayer.ts';
import { type MemoryLayer, memoryLayer } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';
import { UnitGraph } from '../../support/unitGraph.ts';

/** Embedding, a layer of each cell, normalisations, attention and a dense layer. */
function sketch() {
  const graph = new UnitGraph();
  const table = graph.parameter('embedding', [50, 6]);
  graph.add('e', { op: 'Gather', inputs: ['ids'], table });
  const lstm = graph.recurrent('lstm', [6, 5], ['e']);
  const gru = graph.recurrent('gru', [5, 4], ['lstm'], { cell: 'GRU', biases: 2 });
  const rnn = graph.recurrent('rnn', [4, 4], ['gru'], { cell: 'RNN' });
  const [mean, variance, gamma, beta] = ['mean', 'variance', 'gamma', 'beta'].map((name) =>
    graph.parameter(name, [4]),
  );
  graph.add('n', {
    op: 'BatchNormalization',
    inputs: ['rnn'],
    axis: 2,
    epsilon: 1e-3,
    mean,
    variance,
    gamma,
    beta,
  });
  const [dot, additive] = [graph.parameter('dot', []), graph.parameter('additive', [4])];
  graph.add('t', { op: 'Attention', inputs: ['n', 'n'], score: 'dot', scale: dot });
  graph.add('u', { op: 'Attention', inputs: ['t', 'n'], score: 'additive', scale: additive });
  const dense = graph.dense('dense', [4, 2], 'u');
  const own = { table, lstm, gru, rnn, mean, variance, gamma, beta, dot, additive, dense };
  return { graph: graph.model('dense').graph as Graph, ...own, bias: graph.others[graph.others.length - 1] };
}

function largest(values: Float32Array = new Float32Array()): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

test('kernels lie within the limit of all gates together, and fill it', async () => {
  const { graph, lstm, gru, rnn, dense, additive } = sketch();
  const drawn = await freshWeights(graph, 1);
  for (const [parameter, fans] of [
    [lstm.kernel, 6 + 4 * 5],
    [gru.kernel, 5 + 3 * 4],
    [rnn.kernel, 4 + 4],
    [dense, 4 + 2],
    // Keras takes the length of a vector for both.
    [additive, 4 + 4],
  ] as const) {
    const share = largest(drawn.get(parameter)) / Math.sqrt(6 / fans);
    assert.ok(share <= 1 && share > 0.5, `${parameter.name}: ${share}`);
  }
});

test('recurrent kernels have orthonormal rows over all gates', async () => {
  const { graph, ...layers } = sketch();
  const drawn = await freshWeights(graph, 1);
  for (const { recurrent, hiddenSize, gates } of [layers.lstm, layers.gru, layers.rnn]) {
    const values = drawn.get(recurrent) as Float32Array;
    const width = gates.length * hiddenSize;
    for (let a = 0; a < hiddenSize; a++)
      for (let b = 0; b <= a; b++) {
        let product = 0;
        for (let c = 0; c < width; c++) product += values[a * width + c] * values[b * width + c];
        assert.ok(Math.abs(product - (a === b ? 1 : 0)) < 1e-6, `${recurrent.name} ${a}, ${b}: ${product}`);
      }
  }
});

test('biases are 0, but 1 in the forget gates of an LSTM', async () => {
  const { graph, lstm, gru, rnn, bias } = sketch();
  const drawn = await freshWeights(graph, 1);
  const biasOf = ({ bias }: MemoryLayer) => [...((bias && drawn.get(bias)) ?? [])];
  assert.deepEqual(
    biasOf(lstm),
    [0, 1, 0, 0].flatMap((value) => Array(5).fill(value)),
  );
  assert.deepEqual(biasOf(gru), Array(24).fill(0));
  assert.deepEqual(biasOf(rnn), Array(4).fill(0));
  assert.deepEqual([...(drawn.get(bias) ?? [])], [0, 0]);
});

test('a projection is drawn like a dense kernel; its bias and peepholes are 0, and what gates are normalised to is not scaled', async () => {
  const further = { projection: 20, projectionBias: true, peepholes: true, normalized: true };
  const options = { inputSize: 3, hiddenSize: 30, ...further };
  const layer = memoryLayer(options, seeded(1));
  const activation = { op: 'Tanh' } as const;
  const node = { op: 'LSTM', layer, inputs: ['x'], outputs: ['y'], origin: 'lstm' } as const;
  const drawn = await freshWeights({ nodes: [{ ...node, activation, gateActivation: activation }] }, 1);
  const [peephole, projection, bias, normalization] = layer.further.map((one) => drawn.get(one));
  const limit = Math.sqrt(6 / 50);
  const most = largest(projection);
  assert.ok(most <= limit && most > 0.95 * limit, `${most}`);
  for (const zeros of [peephole, bias]) assert.deepEqual(new Set(zeros), new Set([0]));
  assert.deepEqual(new Set(normalization), new Set([1]));
  assert.equal(drawn.get(layer.recurrent)?.length, 20 * 120);
});

test('the kernel of a second sequence is drawn like that of the first', async () => {
  const layer = memoryLayer({ inputSize: 3, hiddenSize: 30, auxiliary: 6 }, seeded(1));
  const activation = { op: 'Tanh' } as const;
  const node = { op: 'LSTM', layer, inputs: ['x', 'y'], outputs: ['z'], origin: 'lstm' } as const;
  const drawn = await freshWeights({ nodes: [{ ...node, activation, gateActivation: activation }] }, 1);
  const limit = Math.sqrt(6 / 126);
  const most = largest(drawn.get(layer.further[0]));
  assert.ok(most <= limit && most > 0.95 * limit, `${most}`);
});

test('embeddings lie within ±0.05, and normalisations and dot products do nothing yet', async () => {
  const { graph, table, mean, variance, gamma, beta, dot } = sketch();
  const drawn = await freshWeights(graph, 1);
  const most = largest(drawn.get(table));
  assert.ok(most <= 0.05 && most > 0.045, `${most}`);
  for (const [parameter, value] of [
    [mean, 0],
    [variance, 1],
    [gamma, 1],
    [beta, 0],
    [dot, 1],
  ] as const)
    assert.deepEqual(new Set(drawn.get(parameter)), new Set([value]), parameter.name);
});

test('what a normalisation was adapted to is known before a training, and not drawn', async () => {
  const { graph, mean, variance, gamma } = sketch();
  const nodes = graph.nodes.map((node) =>
    node.op === 'BatchNormalization' ? { ...node, adapted: true as const } : node,
  );
  const drawn = await freshWeights({ nodes }, 1);
  assert.deepEqual(
    [mean, variance, gamma].map((one) => drawn.has(one)),
    [false, false, true],
  );
});

test('a seed draws the same again, and another one something else', async () => {
  const { graph, lstm } = sketch();
  const [a, again, b] = [
    await freshWeights(graph, 7),
    await freshWeights(graph, 7),
    await freshWeights(graph, 8),
  ];
  assert.deepEqual(a, again);
  for (const parameter of [lstm.kernel, lstm.recurrent])
    assert.notDeepEqual(a.get(parameter), b.get(parameter));
});

test('a layer that is applied twice is drawn once', async () => {
  const once = new UnitGraph();
  once.recurrent('a', [3, 4], ['x']);
  once.dense('d', [4, 2], 'a');
  const before = await freshWeights(once.model('d').graph as Graph, 1);
  const twice = new UnitGraph();
  const layer = twice.recurrent('a', [3, 4], ['x']);
  twice.apply(layer, 'b', ['x']);
  twice.dense('d', [4, 2], 'b');
  const after = await freshWeights(twice.model('d').graph as Graph, 1);
  assert.deepEqual([...after.values()], [...before.values()]);
});

test('gates have the same weights in whatever layout a file keeps them', async () => {
  const graph = new UnitGraph();
  const layer = graph.recurrent('a', [3, 4], ['x']);
  const { nodes } = graph;
  const [node] = nodes;
  // PyTorch's: [gates · H, in].
  const turned = (view: GateView): GateView => {
    const { shape } = view.parameter;
    const parameter = { ...view.parameter, shape: shape.toReversed() };
    return {
      ...view,
      parameter,
      offset: view.offset * view.columns,
      rowStride: view.columns,
      columnStride: 1,
    };
  };
  const [kernel, recurrent] = [layer.gates[0].kernel, layer.gates[0].recurrent].map(
    (view) => turned(view).parameter,
  );
  const other: RecurrentLayer = {
    ...layer,
    gates: layer.gates.map((gate) => ({
      ...gate,
      kernel: { ...turned(gate.kernel), parameter: kernel },
      recurrent: { ...turned(gate.recurrent), parameter: recurrent },
    })),
  };
  const [plain, transposed] = [
    await freshWeights({ nodes }, 1),
    await freshWeights({ nodes: [{ ...node, layer: other } as (typeof nodes)[number]] }, 1),
  ];
  for (const [g, { kernel, recurrent }] of layer.gates.entries()) {
    const own = other.gates[g];
    for (const [a, b] of [
      [kernel, own.kernel],
      [recurrent, own.recurrent],
    ])
      assert.deepEqual(
        gathered(b, transposed.get(b.parameter) as Float32Array),
        gathered(a, plain.get(a.parameter) as Float32Array),
      );
  }
});

test('of two bias vectors of an LSTM the sum is 1 in the forget gate', async () => {
  const graph = new UnitGraph();
  const { bias } = graph.recurrent('a', [3, 2], ['x'], { biases: 2 });
  const drawn = await freshWeights(graph, 1);
  assert.deepEqual([...((bias && drawn.get(bias)) ?? [])], [0, 0, 1, 1, ...Array(12).fill(0)]);
});
