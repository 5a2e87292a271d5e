import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Model } from '../../../../extension/model/model.ts';
import {
  attribute,
  model,
  node,
  recurrentModel,
  recurrentWeights,
  tensor,
  tensorTypes,
} from '../../../support/onnxFile.ts';
import { withOnnx } from '../../../support/openOnnx.ts';
import { field, floatField, packedFloats, packedVarints } from '../../../support/protobuf.ts';
import { scratchFiles } from '../../../support/scratch.ts';
import { assertRefuses } from '../../../support/throwsCode.ts';

const write = scratchFiles();
const sizes = { inputs: 3, hidden: 2 };
let saved = 0;

/** Changes a model and saves it: the new file's path. */
async function save(bytes: Buffer, change: (model: Model) => void = () => {}): Promise<string> {
  const path = write(`model${++saved}.onnx`, bytes);
  const target = `${path}.saved.onnx`;
  await withOnnx(path, async (open) => {
    change(open);
    await open.save(target, { compress: false });
  });
  return target;
}

const named = ({ parameters }: Model, name: string) => {
  const found = parameters.find((parameter) => parameter.name === name);
  assert.ok(found, name);
  return found;
};
const valuesIn = (path: string, name: string) => withOnnx(path, (open) => named(open, name).read());

/** What no version of onnx.proto has, in the model, its graph, a node and a tensor. */
const unknown = field(777, 'not known to anybody');

test('a model that was not changed is saved byte for byte', async () => {
  const bytes = recurrentModel('LSTM', sizes);
  assert.deepEqual(readFileSync(await save(bytes)), bytes);
});

test('pruned weights are 0 in the file, and no other byte of it changes', async () => {
  const { W, R, B } = recurrentWeights('GRU', sizes);
  const bytes = model(
    {
      nodes: [Buffer.concat([node('GRU', ['X', 'W', 'R', 'B'], ['Y']), unknown])],
      initializers: [Buffer.concat([W, unknown]), R, B],
      more: [unknown],
    },
    [unknown],
  );
  const target = await save(bytes, (open) => {
    named(open, 'W').mask = Uint8Array.from({ length: 18 }, (_, i) => (i === 4 ? 0 : 1));
  });
  const at = bytes.indexOf(Buffer.from(Float32Array.of(0.05).buffer));
  const expected = Buffer.from(bytes);
  expected.fill(0, at, at + 4);
  assert.deepEqual(readFileSync(target), expected);
});

test('trained values of one direction leave the other as it is', async () => {
  const bytes = recurrentModel('RNN', { ...sizes, directions: 2 }, [attribute('direction', 'bidirectional')]);
  const target = await save(bytes, (open) => {
    named(open, 'R/backward').trained = Float32Array.of(9, 8, 7, 6);
    named(open, 'R/backward').mask = Uint8Array.of(1, 0, 1, 1);
  });
  assert.deepEqual([...(await valuesIn(target, 'R/backward'))], [9, 0, 7, 6]);
  assert.deepEqual([...(await valuesIn(target, 'R/forward'))], [...Float32Array.of(0.01, 0.02, 0.03, 0.04)]);
});

const half = [0xbe00, 0x4200, 0x3c00, 0x3800];
const kept: Record<string, Buffer> = {
  'float_data, packed': tensor('R', [1, 2, 2], packedFloats(4, [-1.5, 3, 1, 0.5])),
  'float_data, value by value': tensor(
    'R',
    [1, 2, 2],
    Buffer.concat([-1.5, 3, 1, 0.5].map((one) => floatField(4, one))),
  ),
  'float16 in int32_data': tensor('R', [1, 2, 2], packedVarints(5, half), tensorTypes.float16),
  'float16 in several parts of int32_data': tensor(
    'R',
    [1, 2, 2],
    Buffer.concat([packedVarints(5, half.slice(0, 1)), unknown, packedVarints(5, half.slice(1))]),
    tensorTypes.float16,
  ),
  'float64 in double_data': tensor(
    'R',
    [1, 2, 2],
    field(10, Buffer.from(Float64Array.of(-1.5, 3, 1, 0.5).buffer)),
    tensorTypes.float64,
  ),
};
for (const [how, R] of Object.entries(kept)) {
  test(`weights in ${how} are pruned, and what is around them stays`, async () => {
    const W = tensor('W', [1, 2, 3], [1, 2, 3, 4, 5, 6]);
    const bytes = model(
      { nodes: [node('RNN', ['X', 'W', 'R'], ['Y'])], initializers: [Buffer.concat([R, unknown]), W] },
      [unknown],
    );
    const target = await save(bytes, (open) => {
      named(open, 'R').mask = Uint8Array.of(1, 0, 1, 0);
    });
    assert.deepEqual([...(await valuesIn(target, 'R'))], [-1.5, 0, 1, 0]);
    assert.deepEqual([...(await valuesIn(target, 'W'))], [1, 2, 3, 4, 5, 6]);
    const text = readFileSync(target).toString('latin1');
    assert.equal(
      text.split('not known to anybody').length,
      bytes.toString('latin1').split('not known to anybody').length,
    );
  });
}

test('values that a type cannot hold are refused by name', async () => {
  const R = tensor('R', [1, 2, 2], packedVarints(5, half), tensorTypes.float16);
  const W = tensor('W', [1, 2, 3], [1, 2, 3, 4, 5, 6]);
  const bytes = model({ nodes: [node('RNN', ['X', 'W', 'R'], ['Y'])], initializers: [R, W] });
  const train = (open: Model) => {
    named(open, 'R').trained = Float32Array.of(1, 1e6, 1, 1);
  };
  await assertRefuses(() => save(bytes, train), 'trainedNotFinite', 'R', 'float16');
});

test('compression is refused, before the work and after it', async () => {
  await withOnnx(write('plain.onnx', recurrentModel('GRU', sizes)), async (open) => {
    await assertRefuses(() => open.checkRebuild('compress'), 'compressUnsupported', 'plain.onnx');
    await assertRefuses(() => open.save('nowhere', { compress: true }), 'compressUnsupported');
  });
});
