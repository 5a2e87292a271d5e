import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attribute, int64Tensor, model, node, tensor, value } from '../../../support/onnxFile.ts';
import { gateValues, withOnnx } from '../../../support/openOnnx.ts';
import { scratchFiles } from '../../../support/scratch.ts';
import { assertRefuses } from '../../../support/throwsCode.ts';

const write = scratchFiles();

/** Of a GRU with 2 inputs and 2 units: the rows of W [6, 2] and R [6, 2] are all the integers, gate by gate. */
const W = Array.from({ length: 12 }, (_, i) => i + 1);
const R = W.map((one) => one + 100);
const expected = {
  z: [1, 2, 3, 4],
  r: [5, 6, 7, 8],
  h: [9, 10, 11, 12],
};

interface Chain {
  readonly nodes: readonly Buffer[];
  readonly initializers: readonly Buffer[];
  readonly parameters: readonly string[];
}
const ints = (name: string, values: readonly number[]) => int64Tensor(name, [values.length], values);
const scalar = (name: string, value: number) => int64Tensor(name, [], [value]);
const constant = (output: string, held: Buffer) =>
  node('Constant', [], [output], [attribute('value', { tensor: held })]);
/** As PyTorch keeps it: [6, 2] with the gates r, z, h. */
const torch = tensor('torch', [6, 2], [...W.slice(4, 8), ...W.slice(0, 4), ...W.slice(8)]);
const pieces = (cut: readonly Buffer[], more: readonly Buffer[] = []): Chain => ({
  nodes: [
    ...cut,
    node('Concat', ['z', 'r', 'h'], ['joined'], [attribute('axis', 0)]),
    node('Unsqueeze', ['joined', 'zero'], ['W']),
  ],
  initializers: [torch, ints('zero', [0]), ...more],
  parameters: ['torch'],
});

const chains: Record<string, Chain> = {
  'a Constant': { nodes: [constant('W', tensor('', [1, 6, 2], W))], initializers: [], parameters: ['W'] },
  'a Transpose': {
    nodes: [node('Transpose', ['flat'], ['W'], [attribute('perm', [2, 1, 0])])],
    initializers: [tensor('flat', [2, 6, 1], [...W.filter((n) => n % 2), ...W.filter((n) => n % 2 === 0)])],
    parameters: ['flat'],
  },
  'Reshape with a free length': {
    nodes: [node('Reshape', ['flat', 'shape'], ['W'])],
    initializers: [tensor('flat', [12], W), ints('shape', [1, -1, 2])],
    parameters: ['flat'],
  },
  'Slice, Concat and Unsqueeze, as PyTorch exports it': pieces(
    [
      node('Slice', ['torch', 'two', 'four', 'zero'], ['z']),
      node('Slice', ['torch', 'zero', 'two'], ['r']),
      node('Slice', ['torch', 'minus', 'most', 'zero'], ['h']),
    ],
    [ints('two', [2]), ints('four', [4]), ints('minus', [-2]), ints('most', [Number.MAX_SAFE_INTEGER])],
  ),
  'Slice with attributes, as of operator set 9': pieces([
    node('Slice', ['torch'], ['z'], [attribute('starts', [2]), attribute('ends', [4])]),
    node(
      'Slice',
      ['torch'],
      ['r'],
      [attribute('axes', [0]), attribute('starts', [0]), attribute('ends', [2])],
    ),
    node('Slice', ['torch'], ['h'], [attribute('starts', [4]), attribute('ends', [99])]),
  ]),
  'Split into stated parts': pieces(
    [node('Split', ['torch', 'parts'], ['r', 'z', 'h'])],
    [ints('parts', [2, 2, 2])],
  ),
  'Split into equal parts': pieces([node('Split', ['torch'], ['r', 'z', 'h'], [attribute('axis', -2)])]),
  'bounds that are computed': pieces(
    [
      constant('gates', ints('', [2])),
      node('Mul', ['two', 'gates'], ['four']),
      node('Slice', ['torch', 'two', 'four', 'zero'], ['z']),
      node('Slice', ['torch', 'zero', 'two', 'zero'], ['r']),
      node('Slice', ['torch', 'four', 'six', 'zero'], ['h']),
    ],
    [ints('two', [2]), ints('six', [6])],
  ),
  'Gather of rows in another order': {
    nodes: [
      node('Gather', ['torch', 'order'], ['rows']),
      node('Unsqueeze', ['rows'], ['W'], [attribute('axes', [0])]),
    ],
    initializers: [torch, ints('order', [2, 3, 0, 1, -2, -1])],
    parameters: ['torch'],
  },
  'Gather of one of several layers': {
    nodes: [node('Gather', ['all', 'second'], ['rows']), node('Unsqueeze', ['rows', 'zero'], ['W'])],
    initializers: [
      tensor('all', [3, 6, 2], [...Array(12).fill(0), ...W, ...Array(12).fill(0)]),
      scalar('second', 1),
      ints('zero', [0]),
    ],
    parameters: ['all'],
  },
  'three tensors of one gate each': {
    nodes: [
      node('Concat', ['a', 'b', 'c'], ['joined'], [attribute('axis', -2)]),
      node('Reshape', ['joined', 'shape'], ['W']),
    ],
    initializers: [
      tensor('a', [2, 2], W.slice(0, 4)),
      tensor('b', [2, 2], W.slice(4, 8)),
      tensor('c', [2, 2], W.slice(8)),
      ints('shape', [1, 6, 2]),
    ],
    parameters: ['a', 'b', 'c'],
  },
  'Identity, Cast and Squeeze': {
    nodes: [
      node('Identity', ['deep'], ['same']),
      node('Cast', ['same'], ['cast'], [attribute('to', 1)]),
      node('Squeeze', ['cast', 'last'], ['W']),
    ],
    initializers: [tensor('deep', [1, 6, 2, 1], W), ints('last', [-1])],
    parameters: ['deep'],
  },
};

const gru = node('GRU', ['X', 'W', 'R'], ['Y']);
const opened = (nodes: readonly Buffer[], initializers: readonly Buffer[]) =>
  withOnnx(
    write(
      'model.onnx',
      model({ nodes: [...nodes, gru], initializers: [...initializers, tensor('R', [1, 6, 2], R)] }),
    ),
    async ({ layers: [layer] }) => ({
      values: await gateValues(layer),
      parameters: new Set(layer.gates.map(({ kernel }) => kernel.parameter.name)),
    }),
  );

for (const [what, { nodes, initializers, parameters }] of Object.entries(chains)) {
  test(`through ${what}, gates are found where they lie in the file`, async () => {
    const found = await opened(nodes, initializers);
    for (const [gate, values] of Object.entries(expected))
      assert.deepEqual(found.values[gate].kernel, values);
    assert.deepEqual([...found.parameters].sort(), [...parameters].sort());
  });
}

test('integers behind a DequantizeLinear are weights by their scale', async () => {
  const bytes = Buffer.from(Int8Array.from(W.map((n) => 2 * n + 3)).buffer);
  const { int8 } = { int8: 3 };
  const nodes = [node('DequantizeLinear', ['q', 'scale', 'zero'], ['W'])];
  const held = tensor('q', [1, 6, 2], Buffer.concat([Buffer.from([0x4a, bytes.length]), bytes]), int8);
  const zero = tensor('zero', [], Buffer.from([0x4a, 1, 3]), int8);
  const { values } = await opened(nodes, [held, zero, tensor('scale', [], [0.5])]);
  for (const [gate, wanted] of Object.entries(expected)) assert.deepEqual(values[gate].kernel, wanted);
});

test('integers of a DynamicQuantizeLSTM are weights by its scales, a scale for each row of each direction among them', async () => {
  const int8 = (name: string, dims: readonly number[], values: readonly number[]) =>
    tensor(
      name,
      dims,
      Buffer.concat([Buffer.from([0x4a, values.length]), Buffer.from(Int8Array.from(values))]),
      3,
    );
  const counted = Array.from({ length: 8 }, (_, i) => i + 1);
  const wider = { scale: [1, 2, 3, 4, 10, 20, 30, 40], zero: [0, 1, 0, 0, 0, 0, 0, 2] };
  const inputs = ['X', 'w', 'r', '', '', '', '', '', 'wScale', 'wZero', 'rScale', 'rZero'];
  const lstm = node('DynamicQuantizeLSTM', inputs, ['Y'], [attribute('direction', 'bidirectional')], {
    domain: 'com.microsoft',
  });
  const initializers = [
    int8('w', [2, 1, 4], counted),
    int8('r', [2, 1, 4], counted),
    tensor('wScale', [2, 4], wider.scale),
    int8('wZero', [2, 4], wider.zero),
    tensor('rScale', [2], [0.5, 2]),
    int8('rZero', [2], [0, 1]),
  ];
  const path = write('dynamic.onnx', model({ nodes: [lstm], initializers }));
  const gates = await withOnnx(path, ({ layers }) => Promise.all(layers.map(gateValues)));
  const found = gates.map((gate) =>
    ['i', 'o', 'f', 'c'].flatMap((g) => [...gate[g].kernel, ...gate[g].recurrent]),
  );
  assert.deepEqual(found, [
    [1, 0.5, 2, 1, 9, 1.5, 16, 2],
    [50, 8, 120, 10, 210, 12, 240, 14],
  ]);
});

test('a gate whose rows lie in two tensors is refused', async () => {
  const nodes = [node('Concat', ['a', 'b'], ['W'], [attribute('axis', 1)])];
  const initializers = [tensor('a', [1, 3, 2], W.slice(0, 6)), tensor('b', [1, 3, 2], W.slice(6))];
  await assertRefuses(() => opened(nodes, initializers), 'weightsComputed', 'Concat');
});

test('a layer whose weights are computed is left out and named where there are others', async () => {
  const nodes = [
    node('Dropout', ['w'], ['W']),
    gru,
    node('GRU', ['X', 'w', 'R'], ['Z'], [], { name: 'second' }),
  ];
  const initializers = [tensor('w', [1, 6, 2], W), tensor('R', [1, 6, 2], R)];
  const path = write(
    'others.onnx',
    model({
      nodes,
      initializers,
      inputs: [value('X', ['T', 'B', 2])],
      outputs: [value('Y', ['T', 1, 'B', 2])],
    }),
  );
  await withOnnx(path, async ({ layers, fileNotes, notEvaluable }) => {
    assert.deepEqual(
      layers.map(({ name }) => name),
      ['second'],
    );
    const args = { file: path, layer: 'Y', weights: 'W', operator: 'Dropout' };
    assert.deepEqual(fileNotes, [{ code: 'noteWeightsComputed', args }]);
    assert.equal(notEvaluable?.cause?.code, 'reasonWeightsElsewhere');
  });
});

test('a layer whose weights are an input of the model is left out and named where there are others', async () => {
  const nodes = [gru, node('GRU', ['X', 'w', 'R'], ['Z'])];
  const initializers = [tensor('w', [1, 6, 2], W), tensor('R', [1, 6, 2], R)];
  const inputs = [value('X', ['T', 'B', 2]), value('W', [1, 6, 2])];
  const path = write('given.onnx', model({ nodes, initializers, inputs }));
  await withOnnx(path, async ({ layers, fileNotes }) => {
    assert.equal(layers.length, 1);
    const args = { file: path, layer: 'Y', weights: 'W' };
    assert.deepEqual(fileNotes, [{ code: 'noteWeightsGiven', args }]);
  });
});

test('constants that depend on each other in a circle are none', async () => {
  const nodes = [
    node('Identity', ['b'], ['a']),
    node('Identity', ['a'], ['b']),
    node('Identity', ['a'], ['W']),
  ];
  await assertRefuses(() => opened(nodes, []), 'weightsComputed', 'Identity');
});

test('a chain of ten thousand nodes, or a Concat of a Concat with itself fifty times, ends in a refusal', async () => {
  const chain = Array.from({ length: 10_000 }, (_, i) => node('Identity', [`v${i}`], [`v${i + 1}`]));
  const start = tensor('v0', [1, 6, 2], W);
  await assertRefuses(
    () => opened([...chain, node('Identity', ['v10000'], ['W'])], [start]),
    'weightsComputed',
  );
  const doubled = Array.from({ length: 50 }, (_, i) =>
    node('Concat', [`v${i}`, `v${i}`], [`v${i + 1}`], [attribute('axis', 0)]),
  );
  await assertRefuses(
    () => opened([...doubled, node('Transpose', ['v50'], ['W'])], [start]),
    'weightsComputed',
  );
});
