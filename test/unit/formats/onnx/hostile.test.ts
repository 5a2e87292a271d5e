import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldHead } from '../../../../extension/formats/protobuf/fields.ts';
import {
  attribute,
  graph,
  model,
  node,
  recurrentModel,
  recurrentWeights,
  tensor,
  value,
} from '../../../support/onnxFile.ts';
import { parsed, withOnnx } from '../../../support/openOnnx.ts';
import { field } from '../../../support/protobuf.ts';
import { scratchFiles } from '../../../support/scratch.ts';
import { assertRefuses } from '../../../support/throwsCode.ts';

const write = scratchFiles();
const open = (bytes: Buffer) => withOnnx(write('model.onnx', bytes), async () => {});

test('a graph inside a graph, ten thousand times over, is refused', async () => {
  // Tags and lengths of a node, its attribute, and the attribute's graph, from the innermost out.
  const headers: Uint8Array[] = [];
  let length = 0;
  for (let depth = 0; depth < 10_000; depth++) {
    for (const number of [6, 5, 1]) {
      const header = fieldHead(number, length);
      headers.push(header);
      length += header.length;
    }
  }
  await assertRefuses(() => open(field(7, Buffer.concat(headers.reverse()))), 'fileDamaged');
});

test('graphs as deep as models have them are read', async () => {
  let inner = graph({ nodes: [] });
  for (let depth = 0; depth < 20; depth++)
    inner = graph({ nodes: [node('If', ['c'], ['y'], [attribute('then_branch', { graph: inner })])] });
  await parsed(write('deep.onnx', field(7, inner)));
});

const shapes: Record<string, number[]> = {
  'more values than bytes': [1, 8, 2 ** 40],
  'more values than numbers can count': [2 ** 40, 2 ** 40, 2],
  'a negative length': [1, -8, 3],
  'fewer values than bytes': [1, 8, 2],
};
for (const [what, dims] of Object.entries(shapes)) {
  test(`a tensor of ${what} is damage`, async () => {
    const initializers = [tensor('W', dims, Array(24).fill(1)), tensor('R', [1, 8, 2], Array(16).fill(1))];
    await assertRefuses(
      () => open(model({ nodes: [node('LSTM', ['X', 'W', 'R'], ['Y'])], initializers })),
      'fileDamaged',
    );
  });
}

test('weights of a type that cannot be read are refused by its name', async () => {
  const float8 = tensor('W', [1, 8, 3], field(9, Buffer.alloc(24)), 17);
  const initializers = [float8, tensor('R', [1, 8, 2], Array(16).fill(1))];
  const bytes = model({ nodes: [node('LSTM', ['X', 'W', 'R'], ['Y'])], initializers });
  await assertRefuses(() => open(bytes), 'dtypeUnsupported', 'W', 'float8e4m3fn');
});

test('what is no ONNX model is said to be none', async () => {
  await assertRefuses(() => open(Buffer.alloc(0)), 'fileDamaged', 'no ONNX graph');
  await assertRefuses(() => open(field(1, 8)), 'fileDamaged', 'no ONNX graph');
  await assertRefuses(
    () => open(Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:1')),
    'fileDamaged',
  );
});

test('a file that is cut off anywhere ends in a message', async () => {
  const bytes = recurrentModel('GRU', { inputs: 2, hidden: 1 });
  for (let length = 0; length < bytes.length; length++) {
    try {
      await open(bytes.subarray(0, length));
    } catch (error) {
      assert.equal((error as Error).name, 'UserError', `${length}: ${error}`);
    }
  }
});

test('a graph that puts out nothing is pruned, and not evaluated', async () => {
  const { W, R, B } = recurrentWeights('GRU', { inputs: 2, hidden: 1 });
  const bytes = model({
    nodes: [node('GRU', ['X', 'W', 'R', 'B'], ['Y'])],
    initializers: [W, R, B],
    inputs: [value('X', ['time', 'batch', 2])],
  });
  await withOnnx(write('silent.onnx', bytes), async ({ layers, notEvaluable }) => {
    assert.equal(layers.length, 1);
    assert.equal(notEvaluable?.code, 'outputsUnsupported');
  });
});
