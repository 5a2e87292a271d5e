import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel, probeModel } from '../../../extension/formats/open.ts';
import {
  floatWeights,
  sequentialTopology,
  smallTfjs,
  type TfjsModel,
  type TfjsWeight,
  writeTfjs,
} from '../../support/tfjsModel.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { withModel } from './open.ts';

const folder = mkdtempSync(join(tmpdir(), 'lstm-pruner-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const write = (model: TfjsModel) => writeTfjs(join(folder, String(count++)), model);

function floats({ bytes }: TfjsWeight): Float32Array {
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

async function valuesOf(path: string, name: string): Promise<number[]> {
  return withModel(path, async ({ parameters }) => {
    const parameter = parameters.find((one) => one.name === name);
    assert.ok(parameter, `${name} is not among ${parameters.map((one) => one.name)}`);
    return [...(await parameter.read())];
  });
}

describe('weights of a TensorFlow.js model', () => {
  test('are found by their names, whatever group and order they stand in', async () => {
    const small = smallTfjs();
    const [lstm, dense] = small.groups;
    const path = write({
      ...small,
      groups: [[lstm[2], dense[0]], [...lstm.slice(0, 2), dense[1]].reverse()],
    });
    assert.deepEqual(await valuesOf(path, 'lstm/kernel'), [...floats(lstm[0])]);
    assert.deepEqual(await valuesOf(path, 'lstm/recurrent_kernel'), [...floats(lstm[1])]);
    assert.deepEqual(await valuesOf(path, 'lstm/bias'), [...floats(lstm[2])]);
    assert.deepEqual(await valuesOf(path, 'dense/bias'), [...floats(dense[1])]);
  });

  test('are found where files are cut in the middle of a number', async () => {
    const small = smallTfjs();
    const path = write({ ...small, shardBytes: 33 });
    for (const weight of small.groups.flat())
      assert.deepEqual(await valuesOf(path, weight.name), [...floats(weight)]);
  });

  test('may carry the name of the cell, as TensorFlow 2 writes it', async () => {
    const small = smallTfjs();
    const groups = small.groups.map((group) =>
      group.map((weight) => ({ ...weight, name: weight.name.replace('lstm/', 'lstm/lstm_cell/') })),
    );
    const path = write({ ...small, groups });
    assert.deepEqual(await valuesOf(path, 'lstm/kernel'), [...floats(small.groups[0][0])]);
  });

  test('of both directions are told apart', async () => {
    const weight = floatWeights(3);
    const inner = { class_name: 'GRU', config: { name: 'gru', units: 2, reset_after: false } };
    const direction = (name: string) => [
      weight(`both/${name}_gru/kernel`, 3, 6),
      weight(`both/${name}_gru/recurrent_kernel`, 2, 6),
      weight(`both/${name}_gru/bias`, 6),
    ];
    const groups = [[...direction('backward'), ...direction('forward')]];
    const config = { name: 'both', layer: inner, merge_mode: 'concat', batch_input_shape: [null, 4, 3] };
    const path = write({ topology: sequentialTopology({ class_name: 'Bidirectional', config }), groups });
    assert.deepEqual(await valuesOf(path, 'both/forward/kernel'), [...floats(groups[0][3])]);
    assert.deepEqual(await valuesOf(path, 'both/backward/kernel'), [...floats(groups[0][0])]);
  });

  test('in bytes stand for what TensorFlow.js computes, v · scale + min', async () => {
    const scale = 0.1;
    const quantized = (min: number): TfjsModel => {
      const small = smallTfjs();
      const [kernel, ...others] = small.groups[0];
      const bytes = Buffer.from(Array.from({ length: 60 }, (_, i) => 4 * i));
      return {
        ...small,
        groups: [
          [
            { ...kernel, quantization: { dtype: 'uint8', scale, min, original_dtype: 'float32' }, bytes },
            ...others,
          ],
          small.groups[1],
        ],
      };
    };
    const expected = (min: number) => Array.from({ length: 60 }, (_, i) => Math.fround(4 * i * scale + min));
    // 0 is the byte 40; then where no byte stands for 0.
    for (const min of [-40 * scale, -3.95, 0.7])
      assert.deepEqual(await valuesOf(write(quantized(min)), 'lstm/kernel'), expected(min));
  });

  test('in halves are read as such', async () => {
    const small = smallTfjs();
    const [kernel, ...others] = small.groups[0];
    const bytes = Buffer.alloc(120);
    bytes.writeUInt16LE(0x3c00, 0);
    bytes.writeUInt16LE(0xb555, 2);
    const half = { ...kernel, quantization: { dtype: 'float16' }, bytes };
    const path = write({ ...small, groups: [[half, ...others], small.groups[1]] });
    assert.deepEqual((await valuesOf(path, 'lstm/kernel')).slice(0, 3), [1, -0.333251953125, 0]);
  });

  test('of an optimizer are no parameters', async () => {
    const small = smallTfjs();
    const moment = { ...floatWeights(9)('lstm/kernel/m', 3, 20), group: 'optimizer' };
    const path = write({ ...small, groups: [...small.groups, [moment]] });
    await withModel(path, ({ parameters, hasOptimizerState }) => {
      assert.equal(hasOptimizerState, true);
      assert.equal(parameters.length, 5);
    });
  });
});

describe('a TensorFlow.js model', () => {
  test('is opened by its folder, and counts all of its files', async () => {
    const path = write(smallTfjs());
    await withModel(dirname(path), ({ files, bytes, folder: main, layers }) => {
      assert.deepEqual(
        files?.map((file) => file.slice(dirname(path).length + 1)),
        ['model.json', 'group1-shard1of1.bin', 'group2-shard1of1.bin'],
      );
      assert.equal(main, 'model.json');
      assert.ok(bytes > 4 * (60 + 100 + 20 + 12));
      assert.deepEqual(
        layers.map(({ name }) => name),
        ['lstm'],
      );
    });
  });

  test('says its loss and optimizer, by the names of TensorFlow.js', async () => {
    const optimizer = {
      class_name: 'RMSProp',
      config: { learningRate: 0.05, decay: 0.8, momentum: 0.1, epsilon: 1e-6, centered: false },
    };
    const trainingConfig = { loss: 'categorical_crossentropy', metrics: [], optimizer_config: optimizer };
    await withModel(write(smallTfjs(1, { about: { trainingConfig } })), ({ training }) => {
      assert.deepEqual(training, {
        loss: 'categorical_crossentropy',
        optimizer: { name: 'rmsprop', rho: 0.8, momentum: 0.1, epsilon: 1e-6 },
        learningRate: 0.05,
      });
    });
  });

  const damages: [string, (path: string) => unknown, Parameters<typeof assertRefuses>[1], ...string[]][] = [
    [
      'a file is missing',
      (path) => rmSync(join(dirname(path), 'group2-shard1of1.bin')),
      'fileDamaged',
      'group2-shard1of1.bin',
    ],
    [
      'a file is too short',
      (path) => truncateSync(join(dirname(path), 'group1-shard1of1.bin'), 100),
      'fileDamaged',
      'group1-shard1of1.bin is damaged',
      'but has 100',
    ],
    ['model.json ends too early', (path) => truncateSync(path, 900), 'fileDamaged', 'configuration'],
    ['the topology is missing', (path) => writeFileSync(path, '{"weightsManifest": []}'), 'notAModel'],
    ['the manifest is missing', (path) => writeFileSync(path, '{"modelTopology": {}}'), 'notAModel'],
    [
      'it nests without end',
      (path) => writeFileSync(path, `{"modelTopology": ${'['.repeat(1e5)}`),
      'fileDamaged',
    ],
    ['it is another JSON file', (path) => writeFileSync(path, '{"version": 1}'), 'contentUnexpected'],
  ];
  for (const [title, damage, code, ...parts] of damages) {
    test(`is refused where ${title}`, async () => {
      const path = write(smallTfjs());
      damage(path);
      await assertRefuses(() => openModel(path), code, ...parts);
    });
  }

  for (const path of [
    '../outside.bin',
    '/etc/passwd',
    'a/../../b',
    'https://host/x.bin',
    'C:\\x',
    '..\\x',
    '',
    'a//b',
    'a/.',
    'b. ',
  ]) {
    test(`is refused where it names the file ${JSON.stringify(path)}`, async () => {
      const model = write(smallTfjs());
      const manifest = [{ paths: [path], weights: [] }];
      writeFileSync(
        model,
        JSON.stringify({ modelTopology: smallTfjs().topology, weightsManifest: manifest }),
      );
      await assertRefuses(() => openModel(model), 'fileDamaged', 'outside');
    });
  }

  test('is refused where a shape asks for more than its files hold, before anything is read', async () => {
    const small = smallTfjs();
    const [kernel, ...others] = small.groups[0];
    const path = write({
      ...small,
      groups: [[{ ...kernel, shape: [2 ** 20, 2 ** 20] }, ...others], small.groups[1]],
    });
    await assertRefuses(() => openModel(path), 'fileDamaged', 'should have 4,398,046,511,584 bytes');
  });

  test('is told by a quick look from one without recurrent layers', async () => {
    const dense = { class_name: 'Dense', config: { name: 'dense', units: 2, batch_input_shape: [null, 3] } };
    const path = write({
      topology: sequentialTopology(dense),
      groups: [[floatWeights(1)('dense/kernel', 3, 2)]],
    });
    await assertRefuses(() => probeModel(path), 'noRecurrentLayers', 'dense (Dense)');
    assert.deepEqual(await probeModel(write(smallTfjs())), {
      format: 'TensorFlow.js layers model',
      recurrentLayers: ['lstm'],
    });
  });
});
