import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gatesOf } from '../../../../extension/model/recurrentLayer.ts';
import {
  attribute,
  floatsAttribute,
  graph,
  model,
  node,
  recurrentModel,
  recurrentWeights,
  tensor,
  value,
} from '../../../support/onnxFile.ts';
import { gateValues, withOnnx } from '../../../support/openOnnx.ts';
import { field } from '../../../support/protobuf.ts';
import { scratchFiles } from '../../../support/scratch.ts';
import { assertRefuses } from '../../../support/throwsCode.ts';

const write = scratchFiles();
const inputs = 3;
const hidden = 2;
const layersOf = (bytes: Buffer) =>
  withOnnx(write('model.onnx', bytes), async ({ layers }) =>
    Promise.all(layers.map(async (layer) => ({ ...layer, values: await gateValues(layer) }))),
  );

/** Values first, first + 1, … each divided by 100, as the tensors of these tests count them. */
const counted = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => Math.fround((first + i + 1) / 100));

/** As the operators LSTM, GRU and RNN of ONNX say. */
const orders = { LSTM: ['i', 'o', 'f', 'c'], GRU: ['z', 'r', 'h'], RNN: ['h'] };

describe('gates of ONNX nodes', () => {
  for (const op of ['LSTM', 'GRU', 'RNN'] as const) {
    for (const direction of ['forward', 'reverse', 'bidirectional'] as const) {
      test(`${op}, ${direction}: every gate's rows are found by ONNX' order of the gates`, async () => {
        const directions = direction === 'bidirectional' ? 2 : 1;
        const bytes = recurrentModel(op, { inputs, hidden, directions }, [attribute('direction', direction)]);
        const layers = await layersOf(bytes);
        const names = directions === 2 ? ['rnn/forward', 'rnn/backward'] : ['rnn'];
        assert.deepEqual(
          layers.map(({ name }) => name),
          names,
        );
        assert.deepEqual(
          layers.map((layer) => layer.direction),
          { forward: ['forward'], reverse: ['backward'], bidirectional: ['forward', 'backward'] }[direction],
        );
        const order: readonly string[] = orders[op];
        const rows = order.length * hidden;
        for (const [d, { values, gates, inputSize, hiddenSize, cell }] of layers.entries()) {
          assert.deepEqual([inputSize, hiddenSize, cell], [inputs, hidden, op]);
          assert.deepEqual(
            gates.map(({ name }) => name),
            gatesOf[op],
          );
          for (const [g, name] of order.entries()) {
            const first = d * rows + g * hidden;
            assert.deepEqual(values[name].kernel, counted(first * inputs, hidden * inputs));
            assert.deepEqual(values[name].recurrent, counted(first * hidden, hidden * hidden));
            const bias = 2 * d * rows + g * hidden;
            assert.deepEqual(values[name].biases, [
              ...counted(bias, hidden),
              ...counted(bias + rows, hidden),
            ]);
          }
        }
      });
    }
  }

  test('peepholes belong to i, o and f, in this order', async () => {
    const { W, R, B } = recurrentWeights('LSTM', { inputs, hidden });
    const P = tensor('P', [1, 3 * hidden], [1, 2, 3, 4, 5, 6]);
    const [{ values }] = await layersOf(
      model({
        nodes: [node('LSTM', ['X', 'W', 'R', 'B', '', '', '', 'P'], ['Y'])],
        initializers: [W, R, B, P],
      }),
    );
    assert.deepEqual(
      ['i', 'f', 'c', 'o'].map((gate) => values[gate].peephole),
      [[1, 2], [5, 6], [], [3, 4]],
    );
  });

  test('the two directions are weights of their own, each with a mask of its own', async () => {
    const bytes = recurrentModel('GRU', { inputs, hidden, directions: 2 }, [
      attribute('direction', 'bidirectional'),
    ]);
    await withOnnx(write('model.onnx', bytes), async ({ parameters, equalSizes, layers }) => {
      assert.deepEqual(
        parameters.map(({ name, shape }) => [name, shape]),
        [
          ['W/forward', [6, 3]],
          ['W/backward', [6, 3]],
          ['R/forward', [6, 2]],
          ['R/backward', [6, 2]],
          ['B/forward', [12]],
          ['B/backward', [12]],
        ],
      );
      assert.deepEqual(equalSizes, [layers]);
    });
  });
});

/** A node over the initializers W, R and B. */
const lstm = (output: string, name = '') => node('LSTM', ['X', 'W', 'R', 'B'], [output], [], { name });
const initializers = Object.values(recurrentWeights('LSTM', { inputs, hidden }));

test('layers are named by their nodes, else by what these put out, and never alike', async () => {
  const renamed = [tensor('W2', [1, 4, 3], Array(12).fill(1)), tensor('R2', [1, 4, 1], Array(4).fill(1))];
  const again = (output: string, name: string) => node('LSTM', ['X', 'W2', 'R2'], [output], [], { name });
  const layers = await layersOf(
    model({ nodes: [lstm('first', 'a'), again('second', 'a')], initializers: [...initializers, ...renamed] }),
  );
  assert.deepEqual(
    layers.map(({ name }) => name),
    ['a', 'a_2'],
  );
  const [unnamed] = await layersOf(model({ nodes: [lstm('Y7')], initializers }));
  assert.equal(unnamed.name, 'Y7');
});

test('two nodes over the same weights are one layer', async () => {
  const layers = await layersOf(model({ nodes: [lstm('a'), lstm('b')], initializers }));
  assert.deepEqual(
    layers.map(({ name }) => name),
    ['a'],
  );
});

test('a layer in the body of an If is found, with weights of the graph around it or of its own', async () => {
  const outside = graph({ nodes: [lstm('inside')] });
  const own = graph({
    nodes: [lstm('other')],
    initializers: [tensor('W', [1, 8, 3], Array(24).fill(2)), ...initializers.slice(1)],
  });
  const branches = [attribute('then_branch', { graph: outside }), attribute('else_branch', { graph: own })];
  const layers = await layersOf(model({ nodes: [node('If', ['c'], ['y'], branches)], initializers }));
  assert.deepEqual(
    layers.map(({ name, values }) => [name, values.i.kernel[0]]),
    [
      ['inside', Math.fround(0.01)],
      ['other', 2],
    ],
  );
});

test('a layer in a function has the weights that it is called with', async () => {
  const body = Buffer.concat([
    field(1, 'Encoder'),
    field(10, 'mine'),
    ...['x', 'w', 'r'].map((name) => field(4, name)),
    field(5, 'y'),
    field(
      7,
      node(
        'LSTM',
        ['x', 'w', 'r'],
        ['y'],
        [Buffer.concat([field(1, 'direction'), field(21, 'way'), field(20, 3)])],
        { name: 'inner' },
      ),
    ),
  ]);
  const call = node('Encoder', ['X', 'W', 'R'], ['Y'], [attribute('way', 'reverse')], {
    name: 'call',
    domain: 'mine',
  });
  const [layer] = await layersOf(model({ nodes: [call], initializers }, [field(25, body)]));
  assert.equal(layer.name, 'call/inner');
  assert.equal(layer.direction, 'backward');
  assert.deepEqual(layer.values.i.kernel, counted(0, 6));
});

test('functions that call themselves without an end are refused', async () => {
  const body = Buffer.concat([
    field(1, 'F'),
    field(10, 'mine'),
    field(7, node('F', [], ['y'], [], { domain: 'mine' })),
  ]);
  const bytes = model({ nodes: [node('F', [], ['y'], [], { domain: 'mine' })] }, [field(25, body)]);
  await assertRefuses(() => layersOf(bytes), 'fileDamaged');
});

test('functions that call two others each, many levels deep, are refused before they take long', async () => {
  const call = (n: number) => node(`F${n}`, [], [`y${n}`], [], { domain: 'mine' });
  const functions = Array.from({ length: 30 }, (_, n) =>
    field(
      25,
      Buffer.concat([field(1, `F${n}`), field(10, 'mine'), field(7, call(n + 1)), field(7, call(n + 1))]),
    ),
  );
  await assertRefuses(() => layersOf(model({ nodes: [call(0)] }, functions)), 'fileDamaged');
});

const zeroPreserving: [op: string, activations: string[], constants: Buffer[], preserves: boolean][] = [
  ['LSTM', ['Sigmoid', 'Tanh', 'Tanh'], [], true],
  ['LSTM', ['Sigmoid', 'Tanh', 'Sigmoid'], [], false],
  ['LSTM', ['HardSigmoid', 'relu', 'Softsign'], [], true],
  ['GRU', ['Sigmoid', 'Softplus'], [], false],
  ['RNN', ['Affine'], [floatsAttribute('activation_alpha', [2])], true],
  ['RNN', ['Affine'], [floatsAttribute('activation_beta', [0.5])], false],
  ['GRU', ['HardSigmoid', 'Affine'], [floatsAttribute('activation_beta', [0.5, 0])], true],
];
for (const [op, activations, constants, preserves] of zeroPreserving) {
  test(`a unit of ${op} with ${activations.join(', ')} ${preserves ? 'can' : 'cannot'} be dead`, async () => {
    const [layer] = await layersOf(
      recurrentModel(op as 'LSTM', { inputs, hidden }, [attribute('activations', activations), ...constants]),
    );
    assert.equal(layer.zeroPreserving, preserves);
  });
}

test('weights that are inputs of the model are in no file', async () => {
  const bytes = model({
    nodes: [lstm('Y', 'rnn')],
    inputs: [value('X', [1, 1, 3]), value('W', [1, 8, 3])],
    initializers: initializers.slice(1),
  });
  await assertRefuses(() => layersOf(bytes), 'weightsGiven', 'rnn');
});

test('weights that are computed are refused by the operator that computes them', async () => {
  const nodes = [node('Mul', ['v', 'g'], ['W']), lstm('Y', 'rnn')];
  await assertRefuses(
    () => layersOf(model({ nodes, initializers: initializers.slice(1) })),
    'weightsComputed',
    'rnn',
    'Mul',
  );
});

test('weights of shapes that do not go together are refused', async () => {
  const bytes = model({
    nodes: [lstm('Y')],
    initializers: [tensor('W', [1, 7, 3], Array(21).fill(1)), ...initializers.slice(1)],
  });
  await assertRefuses(() => layersOf(bytes), 'weightShape', '[1, 8, 3]', '[1, 7, 3]');
});

test('a model without recurrent nodes is refused by what it has', async () => {
  await assertRefuses(
    () => layersOf(model({ nodes: [node('MatMul', ['a', 'b'], ['c'])] })),
    'noRecurrentLayers',
    'MatMul',
  );
});
