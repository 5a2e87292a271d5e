// Recurrent weights that nodes compute of other constants; their values are judged by ONNX Runtime in test/interop.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import type { Model } from '../../../../extension/model/model.ts';
import { attribute, graph, int64Tensor, model, node, tensor, value } from '../../../support/onnxFile.ts';
import { parsed, withOnnx } from '../../../support/openOnnx.ts';
import { scratchFiles } from '../../../support/scratch.ts';
import { assertRefuses } from '../../../support/throwsCode.ts';

const write = scratchFiles();

/** Of a GRU with 2 inputs and 2 units. */
const V = tensor('v', [1, 6, 2], [3, 4, 6, 8, 0, 5, 5, 0, 3, 4, 6, 8]);
const G = tensor('g', [6, 1], [10, 20, 30, 40, 50, 60]);
const R = tensor('R', [1, 6, 2], Array(12).fill(1));
const gru = node('GRU', ['X', 'W', 'R'], ['Y'], [attribute('hidden_size', 2)], { name: 'gru' });
const outputs = [value('Y', ['T', 1, 'B', 2])];
const inputs = [value('X', ['T', 'B', 2])];
const axes = attribute('axes', [2]);
/** weight_norm: v · (g / ‖v‖), the norm of each row. */
const normed = [
  node('ReduceL2', ['v'], ['norm'], [axes]),
  node('Div', ['g', 'norm'], ['scale']),
  node('Mul', ['v', 'scale'], ['W'], [], { name: 'normed' }),
];
const weights = [6, 8, 12, 16, 0, 30, 40, 0, 30, 40, 36, 48];

const small = { inputs, outputs, initializers: [V, G, R] };
const normedModel = (parts = {}) => model({ ...small, nodes: [...normed, gru], ...parts });

test('weights are what the nodes compute, and what is there for them alone is no weight of its own', async () => {
  await withOnnx(write('normed.onnx', normedModel()), async ({ parameters, layers }) => {
    assert.deepEqual(
      parameters.map(({ name }) => name),
      ['R', 'normed'],
    );
    assert.equal(layers[0].gates[0].kernel.parameter, parameters[1]);
    const values = await parameters[1].read();
    for (const [i, expected] of weights.entries()) assert.ok(Math.abs(values[i] - expected) < 1e-5 * 50);
  });
});

test('a pruned file holds them as a constant of the same name, and nothing of what they were computed by', async () => {
  const path = write('normed.onnx', normedModel());
  const written = await masked(path, ({ parameters }) => {
    parameters[1].mask = Uint8Array.from({ length: 12 }, (_, i) => i % 2);
  });
  const { graph: own } = await parsed(written);
  assert.deepEqual(
    own.nodes.map(({ opType, outputs: names }) => [opType, ...names]),
    [
      ['Constant', 'W'],
      ['GRU', 'Y'],
    ],
  );
  assert.deepEqual([...own.initializers.keys()], ['R']);
  await withOnnx(written, async ({ parameters }) => {
    const values = await parameters[1].read();
    assert.equal(parameters[1].name, 'normed');
    for (const [i, expected] of weights.entries())
      assert.ok(Math.abs(values[i] - (i % 2) * expected) < 1e-5 * 50);
  });
});

test('a file in which nothing of them was changed keeps its bytes', async () => {
  const path = write('same.onnx', normedModel());
  assert.deepEqual(readFileSync(await masked(path, () => {})), readFileSync(path));
});

test('constants that others read, too, stay where their weights are written', async () => {
  const nodes = [...normed, gru, node('Identity', ['v'], ['Z'])];
  const path = write('others.onnx', normedModel({ nodes, outputs: [...outputs, value('Z', [1, 6, 2])] }));
  const written = await masked(path, ({ parameters }) => {
    const one = parameters.find(({ name }) => name === 'normed');
    assert.ok(one);
    one.mask = new Uint8Array(12);
  });
  const { graph: own } = await parsed(written);
  assert.deepEqual([...own.initializers.keys()].sort(), ['R', 'v']);
});

test('weights that are computed of others that were pruned are written as they were', async () => {
  const second = node('GRU', ['X', 'v', 'R'], ['Z'], [attribute('hidden_size', 2)], { name: 'second' });
  const path = write('after.onnx', normedModel({ nodes: [...normed, gru, second] }));
  const written = await masked(path, ({ parameters }) => {
    const one = parameters.find(({ name }) => name === 'v');
    assert.ok(one);
    one.mask = new Uint8Array(12);
  });
  await withOnnx(written, async ({ parameters }) => {
    const values = await parameters.find(({ name }) => name === 'normed')?.read();
    for (const [i, expected] of weights.entries())
      assert.ok(Math.abs((values?.[i] ?? 0) - expected) < 1e-5 * 50);
  });
});

test('weights in the body of a Loop are computed and written there', async () => {
  const body = graph({
    nodes: [...normed, gru, node('Identity', ['go'], ['on'])],
    inputs: [value('i', [], 7), value('go', [], 9)],
    outputs: [value('on', [], 9), value('Y', ['T', 1, 'B', 2])],
  });
  const loop = node('Loop', ['', 'go'], ['all'], [attribute('body', { graph: body })]);
  const path = write(
    'loop.onnx',
    model({ ...small, nodes: [loop], inputs: [...inputs, value('go', [], 9)], outputs: [] }),
  );
  const written = await masked(path, ({ parameters }) => {
    const one = parameters.find(({ name }) => name === 'normed');
    assert.ok(one);
    one.mask = new Uint8Array(12);
  });
  await withOnnx(written, async ({ layers }) => {
    const { parameter } = layers[0].gates[0].kernel;
    assert.deepEqual([...(await parameter.read())], Array(12).fill(0));
  });
});

test('units do not leave a file that computes weights, and the message says the way', async () => {
  await withOnnx(write('units.onnx', normedModel()), async ({ checkRebuild }) => {
    await assertRefuses(async () => checkRebuild?.('shrink'), 'shrinkUnsupported', 'normed', 'Mul');
  });
});

const refusedChains: Record<string, { nodes: readonly Buffer[]; initializers: readonly Buffer[] }> = {
  'of another type than float32': {
    nodes: [node('Cast', ['v'], ['half'], [attribute('to', 10)]), node('Mul', ['half', 'half'], ['W'])],
    initializers: [V],
  },
  'of values that were rounded on the way': {
    nodes: [
      node('Cast', ['v'], ['half'], [attribute('to', 10)]),
      node('Cast', ['half'], ['float'], [attribute('to', 1)]),
      node('Neg', ['float'], ['W']),
    ],
    initializers: [V],
  },
  'by axes that an attribute says, as up to operator set 6': {
    nodes: [node('Mul', ['v', 'g'], ['W'], [attribute('broadcast', 1), attribute('axis', 1)])],
    initializers: [V, G],
  },
  'of one number that is read millions of times': {
    nodes: [
      ...Array.from({ length: 24 }, (_, i) =>
        node('Add', [i ? `d${i}` : 'one', i ? `d${i}` : 'one'], [`d${i + 1}`]),
      ),
      node('Expand', ['d24', 'shape'], ['W']),
    ],
    initializers: [tensor('one', [1], [1]), int64Tensor('shape', [3], [1, 6, 2])],
  },
  'of an input of the model': { nodes: [node('Mul', ['v', 'X'], ['W'])], initializers: [V] },
  'of shapes that do not go together': {
    nodes: [node('Mul', ['v', 'other'], ['W'])],
    initializers: [V, tensor('other', [5], [1, 2, 3, 4, 5])],
  },
  'over an axis that is not there': {
    nodes: [node('ReduceL2', ['v'], ['W'], [attribute('axes', [3])])],
    initializers: [V],
  },
  'with more values on the way than any weights have': {
    nodes: [
      node('Expand', ['v', 'huge'], ['wide']),
      node('ReduceMax', ['wide'], ['W'], [attribute('axes', [0]), attribute('keepdims', 0)]),
    ],
    initializers: [V, int64Tensor('huge', [4], [2 ** 40, 1, 6, 2])],
  },
  'in fewer than no places': {
    nodes: [
      node('Expand', ['one', 'negative'], ['wide']),
      node('ReduceMax', ['wide'], ['W'], [attribute('axes', [0]), attribute('keepdims', 0)]),
    ],
    initializers: [tensor('one', [1], [1]), int64Tensor('negative', [4], [-3, 1, 6, 2])],
  },
  'in steps that double forty times': {
    nodes: [
      ...Array.from({ length: 40 }, (_, i) =>
        node('Add', [i ? `d${i}` : 'v', i ? `d${i}` : 'v'], [`d${i + 1}`]),
      ),
      node('Identity', ['d40'], ['W']),
    ],
    initializers: [V],
  },
};

for (const [name, { nodes, initializers }] of Object.entries(refusedChains)) {
  test(`weights ${name} are refused`, async () => {
    const path = write(
      'refused.onnx',
      model({ ...small, nodes: [...nodes, gru], initializers: [...initializers, R] }),
    );
    await assertRefuses(() => withOnnx(path, async () => {}), 'weightsComputed', 'gru');
  });
}

test('what all weights of a file are computed by is bounded', async () => {
  const nodes = Array.from({ length: 60 }, (_, i) => [
    node('Expand', ['one', 'shape'], [`W${i}`]),
    node('GRU', ['X', `W${i}`, 'R'], [`Y${i}`], [attribute('hidden_size', 2)], { name: `gru${i}` }),
  ]).flat();
  const initializers = [R, tensor('one', [1], [1]), int64Tensor('shape', [3], [1, 6, 2 ** 22])];
  const path = write('many.onnx', model({ ...small, nodes, outputs: [], initializers }));
  await withOnnx(path, async ({ layers, fileNotes }) => {
    assert.ok(layers.length > 0 && layers.length < 30, `${layers.length} layers`);
    assert.equal(fileNotes?.length, 60 - layers.length);
  });
});

let files = 0;
/** Writes what is left of a model after some change, and gives its path. */
async function masked(path: string, change: (model: Model) => void): Promise<string> {
  const target = join(dirname(path), `masked${files++}.onnx`);
  await withOnnx(path, async (opened) => {
    change(opened);
    await opened.save(target, { compress: false });
  });
  return target;
}
