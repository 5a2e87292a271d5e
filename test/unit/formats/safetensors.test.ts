import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { largestJson } from '../../../extension/formats/largestJson.ts';
import { openModel, probeModel } from '../../../extension/formats/open.ts';
import type { Model } from '../../../extension/model/model.ts';
import type { MessageCode } from '../../../extension/protocol/messages.ts';
import { UserError } from '../../../extension/protocol/userError.ts';
import {
  floatTensor,
  type StoredTensor,
  safetensorsBytes,
  safetensorsFile,
  smallStack,
} from '../../support/safetensorsFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

const write = scratchFiles();
let count = 0;

function fileOf(bytes: Buffer): string {
  return write(`${count++}.safetensors`, bytes);
}

async function withModel<T>(path: string, use: (model: Model) => Promise<T>): Promise<T> {
  const model = await openModel(path);
  try {
    return await use(model);
  } finally {
    await model.close();
  }
}

async function codeOf(path: string): Promise<MessageCode | undefined> {
  try {
    await withModel(path, async () => {});
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error.info.code;
    throw error;
  }
}

describe('a safetensors file', () => {
  const path = fileOf(safetensorsFile(smallStack(), { format: 'pt' }));

  test('holds the recurrent layers that its names say', async () => {
    const { recurrentLayers } = await probeModel(path);
    assert.deepEqual(recurrentLayers, ['rnn.l0', 'rnn.l1']);
    await withModel(path, async ({ layers, parameters, bytes, format }) => {
      assert.deepEqual(
        layers.map(({ cell, inputSize, hiddenSize }) => [cell, inputSize, hiddenSize]),
        [
          ['LSTM', 3, 4],
          ['LSTM', 4, 4],
        ],
      );
      assert.equal(parameters.length, 11);
      assert.equal(bytes, readFileSync(path).length);
      assert.equal(format, 'safetensors');
    });
  });

  test('keeps every other byte where weights are masked', async () => {
    const before = readFileSync(path);
    const target = join(dirname(path), 'masked.safetensors');
    await withModel(path, async (model) => {
      const [parameter] = model.parameters.filter(({ name }) => name === 'rnn.weight_hh_l1');
      parameter.mask = Uint8Array.from({ length: 64 }, (_, i) => (i === 5 ? 0 : 1));
      await model.save(target, { compress: false });
    });
    const after = readFileSync(target);
    const changed = [...after.keys()].filter((i) => after[i] !== before[i]);
    assert.ok(changed.length > 0 && changed.length <= 4);
    await withModel(target, async ({ parameters }) => {
      const own = parameters.find(({ name }) => name === 'rnn.weight_hh_l1');
      assert.equal((await own?.read())?.[5], 0);
    });
  });

  test('without some units has their rows and columns cut out of every tensor, and all else as it was', async () => {
    const counter: StoredTensor = { name: 'steps', dtype: 'I64', shape: [1], bytes: Buffer.alloc(8, 3) };
    const whole = fileOf(safetensorsFile([counter, ...smallStack()], { format: 'pt', by: '世界' }));
    const target = join(dirname(whole), 'shrunk.safetensors');
    const rows = [0, 1, 2, 3].flatMap((gate) => [gate * 4, gate * 4 + 3]);
    await withModel(whole, async (model) => {
      const parameters = new Map([
        ['rnn.weight_hh_l1', [rows, [0, 3]]],
        ['fc.weight', [null, [0, 3]]],
      ]);
      await model.save(target, {
        compress: false,
        shrink: { parameters, values: new Map(), layers: [] },
      });
      const file = readFileSync(target);
      const length = Number(file.readBigUInt64LE());
      assert.equal(length % 8, 0);
      const header = JSON.parse(file.toString('utf8', 8, 8 + length));
      assert.deepEqual(header.__metadata__, { format: 'pt', by: '世界' });
      assert.deepEqual(header['rnn.weight_hh_l1'].shape, [8, 2]);
      assert.deepEqual(header['fc.weight'].shape, [2, 2]);
      const [begin, end] = header.steps.data_offsets;
      assert.deepEqual(file.subarray(8 + length + begin, 8 + length + end), Buffer.alloc(8, 3));
      const [from] = header['rnn.weight_hh_l1'].data_offsets;
      const values = await model.parameters.find(({ name }) => name === 'rnn.weight_hh_l1')?.read();
      const expected = rows.flatMap((row) => [0, 3].map((column) => values?.[row * 4 + column]));
      assert.deepEqual(
        expected.map((_, i) => file.readFloatLE(8 + length + from + 4 * i)),
        expected,
      );
    });
  });

  test('carries tensors along that are no floats, and refuses them as recurrent weights by name', async () => {
    const stack = smallStack();
    const bytes = Buffer.alloc(64);
    const quantised = stack.map((one) =>
      one.name === 'rnn.weight_hh_l1' ? { ...one, dtype: 'F8_E4M3', bytes } : one,
    );
    const refused = fileOf(safetensorsFile(quantised));
    await assert.rejects(openModel(refused), (error) => {
      assert.ok(error instanceof UserError);
      assert.deepEqual(error.info, {
        code: 'dtypeUnsupported',
        args: { file: refused, parameter: 'rnn.weight_hh_l1', dtype: 'F8_E4M3' },
      });
      return true;
    });
  });

  test('of tied weights has the tensor that its metadata names under both names', async () => {
    const tensors = smallStack().map((one) =>
      one.name === 'fc.weight' ? floatTensor('fc.weight', [7, 4]) : one,
    );
    const lstm = tensors.filter(({ name }) => name !== 'emb.weight' && name !== 'fc.bias');
    const own = lstm.map((one) => (one.name === 'rnn.weight_ih_l0' ? floatTensor(one.name, [16, 4]) : one));
    await withModel(fileOf(safetensorsFile(own, { 'emb.weight': 'fc.weight' })), async ({ graph }) => {
      const [first] = graph?.nodes ?? [];
      const last = graph?.nodes.at(-1);
      assert.ok(first?.op === 'Gather' && last?.op === 'MatMul');
      assert.equal(first.table, last.weight);
    });
  });

  const data = Buffer.alloc(16);
  const info = (own: object) => ({ a: { dtype: 'F32', shape: [4], data_offsets: [0, 16], ...own } });
  const damaged: Record<string, Buffer> = {
    'is empty': Buffer.alloc(0),
    'ends in its length': Buffer.alloc(7),
    'has a header longer than it is': Buffer.concat([safetensorsBytes('{}', data).subarray(0, 9)]),
    'has no JSON': safetensorsBytes('{"a":', data),
    'has a list as header': safetensorsBytes('[]', Buffer.alloc(0)),
    'begins with spaces': safetensorsBytes(` ${JSON.stringify(info({}))}`, data),
    'has a header that is no UTF-8': Buffer.concat([
      safetensorsBytes('', Buffer.alloc(0)).fill(2, 0, 1),
      Buffer.from([0xff, 0xfe]),
    ]),
    'has a tensor of another length': safetensorsBytes(info({ shape: [3] }), data),
    'has a tensor longer than it is': safetensorsBytes(info({ shape: [8], data_offsets: [0, 32] }), data),
    'has more bytes than tensors': safetensorsBytes(info({ shape: [3], data_offsets: [0, 12] }), data),
    'has a gap before a tensor': safetensorsBytes(info({ shape: [3], data_offsets: [4, 16] }), data),
    'has offsets the wrong way round': safetensorsBytes(info({ data_offsets: [16, 0] }), data),
    'has lengths below 0': safetensorsBytes(info({ shape: [-2, -2] }), data),
    'has lengths that are no whole numbers': safetensorsBytes(info({ shape: [4.5] }), data),
    'has lengths beyond all numbers': safetensorsBytes(info({ shape: [2 ** 40, 2 ** 40] }), data),
    'has metadata that is no text': safetensorsBytes({ __metadata__: { a: 1 }, ...info({}) }, data),
    'has two tensors in one place': safetensorsBytes({ ...info({}), b: info({}).a }, data),
    'has a tensor without a type': safetensorsBytes(info({ dtype: 4 }), data),
  };
  for (const [what, bytes] of Object.entries(damaged)) {
    test(`that ${what} is damaged`, async () => assert.equal(await codeOf(fileOf(bytes)), 'fileDamaged'));
  }

  test('whose header nests too deep, or has more lists and objects than any, is refused before it is parsed', async () => {
    for (const [header, why] of [
      [`{"a":${'['.repeat(600)}${']'.repeat(600)}}`, 'its JSON nests more than 512 levels deep'],
      [`{"a":[${'{},'.repeat(2 ** 20)}{}]}`, 'its JSON has more than 1,048,576 lists and objects'],
    ]) {
      const file = fileOf(safetensorsBytes(header, Buffer.alloc(0)));
      await assertRefuses(() => withModel(file, async () => {}), 'fileDamaged', why);
    }
  });

  test('in several, whose index nests too deep, is refused, too', async () => {
    const index = write('deep.safetensors.index.json', `{"weight_map":${'['.repeat(600)}${']'.repeat(600)}}`);
    await assertRefuses(() => withModel(index, async () => {}), 'fileDamaged', 'nests more than 512');
  });

  test('with a type that is not known, or a header beyond the limit, is refused', async () => {
    assert.equal(
      await codeOf(fileOf(safetensorsBytes(info({ dtype: 'constructor' }), data))),
      'dtypeUnsupported',
    );
    const long = fileOf(Buffer.alloc(0));
    const header = Buffer.alloc(8);
    header.writeBigUInt64LE(BigInt(largestJson + 1));
    writeFileSync(long, header);
    truncateSync(long, largestJson + 100);
    assert.equal(await codeOf(long), 'tooLarge');
  });

  test('that is another kind of file is no safetensors file, whatever length its first bytes would be', async () => {
    await assertRefuses(
      () => withModel(fileOf(Buffer.from('hello world, this is text')), async () => {}),
      'fileDamaged',
      'does not begin like a safetensors file',
    );
  });

  test('without recurrent layers says what it has instead', async () => {
    const of = (...tensors: StoredTensor[]) => openModel(fileOf(safetensorsFile(tensors)));
    const [named, bare] = [floatTensor('fc.weight', [2, 2]), floatTensor('scale', [2, 3])];
    await assertRefuses(() => of(named, bare), 'noRecurrentLayers', 'layers are: fc.');
    await assertRefuses(() => of(bare), 'noNamedLayers', 'tensors: scale [2, 3].');
  });
});

describe('an index of safetensors files', () => {
  const folder = join(dirname(write('x', '')), 'sharded');
  mkdirSync(folder);
  const stack = smallStack();
  const parts = { 'a.safetensors': stack.slice(0, 4), 'b.safetensors': stack.slice(4) };
  for (const [name, own] of Object.entries(parts)) write(`sharded/${name}`, safetensorsFile(own));
  const places = Object.fromEntries(
    Object.entries(parts).flatMap(([name, own]) => own.map((tensor) => [tensor.name, name])),
  );
  const indexOf = (map: unknown) =>
    write(`sharded/${count++}.safetensors.index.json`, JSON.stringify({ metadata: {}, weight_map: map }));

  test('is one model of all its files', async () => {
    const path = indexOf(places);
    await withModel(path, async ({ files, folder: main, layers, bytes, parameters }) => {
      assert.deepEqual(files, [path, join(folder, 'a.safetensors'), join(folder, 'b.safetensors')]);
      assert.equal(`${folder}/${main}`, path);
      assert.equal(layers.length, 2);
      assert.equal(parameters.length, 11);
      assert.equal(
        bytes,
        (files ?? []).reduce((sum, file) => sum + readFileSync(file).length, 0),
      );
    });
  });

  for (const name of [
    '../a.safetensors',
    '/etc/passwd',
    'x/../a.safetensors',
    '..\\a.safetensors',
    'C:a.safetensors',
    '',
  ])
    test(`does not reach ${JSON.stringify(name)}`, async () => {
      assert.equal(await codeOf(indexOf({ ...places, 'fc.bias': name })), 'fileDamaged');
    });

  test('that names a file or a tensor that is not there says so', async () => {
    assert.equal(await codeOf(indexOf({ ...places, 'fc.bias': 'c.safetensors' })), 'fileNotFound');
    assert.equal(await codeOf(indexOf({ ...places, other: 'a.safetensors' })), 'fileDamaged');
    assert.equal(await codeOf(indexOf([])), 'fileDamaged');
    assert.equal(await codeOf(write('sharded/x.safetensors.index.json', '{')), 'fileDamaged');
  });
});
