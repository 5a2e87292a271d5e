import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  attribute,
  floatAttribute,
  int64Tensor,
  model,
  node,
  tensor,
  tensorTypes,
  value,
} from '../../../support/onnxFile.ts';
import { parsed } from '../../../support/openOnnx.ts';
import { field, floatField, packedFloats, packedVarints } from '../../../support/protobuf.ts';
import { scratchFiles } from '../../../support/scratch.ts';

const write = scratchFiles();
const read = (bytes: Buffer) => parsed(write('model.onnx', bytes));

test('the structure of a model is read as it is written', async () => {
  const body = Buffer.concat([field(1, node('Tanh', ['a'], ['b'])), field(2, 'body')]);
  const attributes = [
    attribute('axis', -1),
    attribute('mode', 'linear'),
    attribute('perm', [1, 0, 2 ** 40]),
    attribute('names', ['x', 'y']),
    attribute('body', { graph: body }),
    floatAttribute('alpha', 0.25),
  ];
  const found = await read(
    model(
      {
        nodes: [node('Op', ['x', '', 'y'], ['z'], attributes, { name: 'n', domain: 'ai.onnx' })],
        inputs: [value('x', ['batch', 3])],
        outputs: [value('z', [7])],
        more: [field(13, value('inner', [1, 'T']))],
      },
      [field(8, Buffer.concat([field(1, 'com.example'), field(2, 3)])), field(3, '1.2')],
    ),
  );
  assert.equal(found.irVersion, 8);
  assert.equal(found.producer, 'a test 1.2');
  assert.deepEqual(
    [...found.opsets],
    [
      ['', 17],
      ['com.example', 3],
    ],
  );
  const { nodes, inputs, outputs, valueInfo } = found.graph;
  assert.deepEqual(inputs[0].dims, ['batch', 3]);
  assert.deepEqual(outputs[0].dims, [7]);
  assert.deepEqual(valueInfo.get('inner')?.dims, [1, 'T']);
  const [{ opType, domain, name, inputs: read_, outputs: put, attributes: own }] = nodes;
  assert.deepEqual([opType, domain, name, read_, put], ['Op', '', 'n', ['x', '', 'y'], ['z']]);
  assert.equal(own.get('axis')?.int, -1);
  assert.equal(own.get('alpha')?.float, 0.25);
  assert.equal(own.get('mode')?.text, 'linear');
  assert.deepEqual(own.get('perm')?.ints, [1, 0, 2 ** 40]);
  assert.deepEqual(own.get('names')?.texts, ['x', 'y']);
  assert.equal(own.get('body')?.graph?.nodes[0].opType, 'Tanh');
});

/** The values −1.5 and 3 in every place that they may be kept. */
const half = [0xbe00, 0x4200];
const bfloat = [0xbfc0, 0x4040];
const doubles = Buffer.from(Float64Array.of(-1.5, 3).buffer);
const stored: Record<string, Buffer> = {
  'float32 in raw_data': tensor('w', [2], [-1.5, 3]),
  'float32 in packed float_data': tensor('w', [2], packedFloats(4, [-1.5, 3])),
  'float32 in float_data, value by value': tensor(
    'w',
    [2],
    Buffer.concat([floatField(4, -1.5), floatField(4, 3)]),
  ),
  'float32 in two parts': tensor(
    'w',
    [2],
    Buffer.concat([packedFloats(4, [-1.5]), field(12, 'text'), floatField(4, 3)]),
  ),
  'float16 in int32_data': tensor('w', [2], packedVarints(5, half), tensorTypes.float16),
  'float16 in raw_data': tensor(
    'w',
    [2],
    field(9, Buffer.from(Uint16Array.from(half).buffer)),
    tensorTypes.float16,
  ),
  'bfloat16 in int32_data, value by value': tensor(
    'w',
    [2],
    Buffer.concat(bfloat.map((bits) => field(5, bits))),
    tensorTypes.bfloat16,
  ),
  'float64 in double_data': tensor('w', [2], field(10, doubles), tensorTypes.float64),
  'float64 in raw_data': tensor('w', [2], field(9, doubles), tensorTypes.float64),
};
for (const [how, bytes] of Object.entries(stored)) {
  test(`values of ${how} are read`, async () => {
    const { graph } = await read(model({ nodes: [], initializers: [bytes] }));
    assert.deepEqual(graph.initializers.get('w')?.small, [-1.5, 3]);
  });
}

test('integers of 64 bits are read to their ends', async () => {
  const ends = [-1, 2 ** 53 - 1, -(2 ** 40)];
  const packed = tensor('packed', [3], packedVarints(7, ends), tensorTypes.int64);
  const { graph } = await read(model({ nodes: [], initializers: [int64Tensor('raw', [3], ends), packed] }));
  assert.deepEqual(graph.initializers.get('raw')?.small, ends);
  assert.deepEqual(graph.initializers.get('packed')?.small, ends);
});

test('a tensor of many values is not read with the structure', async () => {
  const { graph } = await read(
    model({ nodes: [], initializers: [tensor('w', [1025], Array(1025).fill(1))] }),
  );
  assert.equal(graph.initializers.get('w')?.small, undefined);
});
