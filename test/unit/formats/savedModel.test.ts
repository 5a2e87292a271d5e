import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { openModel, probeModel } from '../../../extension/formats/open.ts';
import { crc32c, masked } from '../../../extension/formats/savedModel/crc32c.ts';
import type { Model } from '../../../extension/model/model.ts';
import type { MessageCode } from '../../../extension/protocol/messages.ts';
import { field } from '../../support/protobuf.ts';
import {
  blockHandle,
  bundleEntry,
  bundleHeader,
  graphObject,
  mainFile,
  objectGraphKey,
  smallSavedModel,
  sortedTable,
  type TableEntryParts,
  tableBlock,
  writeSavedModel,
} from '../../support/savedModelFolder.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { messageFrom } from '../../support/throwsCode.ts';

const root = dirname(scratchFiles()('x', ''));
let count = 0;
const [indexName, dataName] = [
  'variables/variables.index',
  'variables/variables.data-00000-of-00001',
] as const;
const slowest = 2000;
const mostMemory = 256 * 2 ** 20;

/** A folder with the small model, but for these files. */
function folderOf(others: Readonly<Record<string, Buffer>> = {}): string {
  const folder = join(root, String(count++));
  writeSavedModel(folder, { ...smallSavedModel(), ...others });
  return folder;
}

async function withModel<T>(folder: string, use: (model: Model) => Promise<T>): Promise<T> {
  const model = await openModel(folder);
  try {
    return await use(model);
  } finally {
    await model.close();
  }
}

test('CRC-32C is that of RFC 3720, and masked as LevelDB masks it', () => {
  // RFC 3720, B.4: 32 bytes of zeros, of ones, and 0 to 31.
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
  assert.equal(
    crc32c(Buffer.from('world'), crc32c(Buffer.from('hello '))),
    crc32c(Buffer.from('hello world')),
  );
  assert.equal(masked(0), 0xa282ead8);
});

describe('a SavedModel', () => {
  test('has the recurrent layers that its variables are called by, or the attributes that lead to them', async () => {
    assert.deepEqual((await probeModel(folderOf())).recurrentLayers, ['lstm']);
    const nameless = { ...smallSavedModel(() => Buffer.alloc(0)) };
    assert.deepEqual((await probeModel(folderOf(nameless))).recurrentLayers, ['layers/0']);
    await withModel(folderOf(), async ({ layers, parameters, notEvaluable, files }) => {
      assert.deepEqual(
        layers.map(({ cell, inputSize, hiddenSize }) => [cell, inputSize, hiddenSize]),
        [['LSTM', 3, 4]],
      );
      assert.deepEqual(
        parameters.map(({ shape }) => shape),
        [[3, 16], [4, 16], [16]],
      );
      assert.equal(notEvaluable?.cause?.code, 'reasonOperations');
      assert.equal(files?.length, 3);
    });
  });

  test('whose objects lead in circles, or to none, has the same layers', async () => {
    const circles = (keys: readonly string[]) =>
      Buffer.concat([
        graphObject({ self: 0, before: -1, far: 2 ** 40, layers: 1 }),
        graphObject({ back: 0, kernel: 2, recurrent_kernel: 3, bias: 4 }),
        ...['kernel', 'recurrent_kernel', 'bias'].map((name, i) =>
          graphObject({ root: 0 }, { own: `lstm/${name}`, key: keys[i] }),
        ),
      ]);
    assert.deepEqual((await probeModel(folderOf({ ...smallSavedModel(circles) }))).recurrentLayers, ['lstm']);
  });

  test('is saved as its own files alone, changed where a weight did, its checksums right', async () => {
    const folder = folderOf({ 'assets/words.txt': Buffer.from('a b') });
    writeFileSync(join(folder, 'other.bin'), 'mine');
    symlinkSync(root, join(folder, 'assets', 'up'));
    const output = join(root, `saved${count}`);
    await withModel(folder, async (model) => {
      const [kernel] = model.parameters;
      kernel.mask = Uint8Array.from(await kernel.read(), (_, i) => i % 2);
      await model.save(output, { compress: false });
    });
    assert.deepEqual(readdirSync(output).sort(), ['assets', 'saved_model.pb', 'variables']);
    assert.deepEqual(readdirSync(join(output, 'assets')), ['words.txt']);
    const [before, after] = [folder, output].map((place) => readFileSync(join(place, dataName)));
    const changed = [...before.keys()].filter((at) => before[at] !== after[at]);
    assert.ok(changed.length > 0 && changed.length <= 4 * 24, `${changed.length} bytes`);
    await withModel(output, async ({ parameters: [kernel] }) => {
      const values = await kernel.read();
      assert.ok(values.every((value, i) => i % 2 === 1 || value === 0));
    });
    // Of the index, the checksum of the weights and that of the block change.
    const [original, index] = [folder, output].map((place) => readFileSync(join(place, indexName)));
    const different = [...original.keys()].filter((at) => original[at] !== index[at]);
    assert.equal(index.length, original.length);
    assert.ok(different.length > 4 && different.length <= 8, `${different.length} bytes`);
  });
});

/** Asserts how opening a folder ends, by the processor's time and by the memory that stays. */
async function assertEnds(folder: string, code: MessageCode, cause?: MessageCode): Promise<void> {
  const [start, memory] = [process.cpuUsage(), process.memoryUsage().rss];
  const message = await messageFrom(() => openModel(folder));
  const { user, system } = process.cpuUsage(start);
  assert.equal(message.code, code, JSON.stringify(message));
  if (cause !== undefined) assert.equal(message.cause?.code, cause, JSON.stringify(message));
  assert.ok((user + system) / 1000 < slowest, `${(user + system) / 1000} ms`);
  assert.ok(process.memoryUsage().rss - memory < mostMemory, `${process.memoryUsage().rss - memory} bytes`);
}

function indexed(...blocks: Buffer[]): string {
  return folderOf({ [indexName]: sortedTable(blocks) });
}

const header = bundleHeader();

test('a variable in slices is refused by its key, as it may stand whole under another one', async () => {
  const sliced = Buffer.concat([bundleEntry({ offset: 0, length: 4 }), field(7, field(1, ''))]);
  await assertEnds(indexed(tableBlock([header, { key: 'kernel', value: sliced }])), 'variableSliced');
});

describe('a hostile SavedModel ends in a message', () => {
  test('without its index, or a shard', async () => {
    const folder = join(root, `bare${count++}`);
    writeSavedModel(folder, { 'saved_model.pb': mainFile });
    await assertEnds(folder, 'fileDamaged', 'reasonNoFile');
    await assertEnds(indexed(tableBlock([bundleHeader(2)])), 'fileDamaged', 'reasonNoFile');
    await assertEnds(indexed(tableBlock([bundleHeader(99_999)])), 'fileDamaged', 'reasonTooManyParts');
    await assertEnds(indexed(tableBlock([bundleHeader(-1)])), 'fileDamaged', 'reasonContent');
    writeFileSync(join(folder, 'variables'), 'a file');
    await assertEnds(folder, 'fileDamaged', 'reasonNoFile');
  });

  test('whose main file is none of TensorFlow, or not whole', async () => {
    const version = field(1, 1);
    for (const other of [
      Buffer.alloc(0),
      Buffer.from('<!DOCTYPE html>'),
      version,
      Buffer.concat([field(1, 7), field(2, field(2, Buffer.alloc(0)))]),
      Buffer.concat([version, field(2, field(5, 'x'))]),
    ])
      await assertEnds(folderOf({ 'saved_model.pb': other }), 'fileDamaged', 'reasonNoSavedModel');
    const whole = Buffer.concat([version, field(2, field(2, Buffer.alloc(3000)))]);
    assert.equal((await probeModel(folderOf({ 'saved_model.pb': whole }))).recurrentLayers.length, 1);
    const cut = whole.subarray(0, 1000);
    await assertEnds(folderOf({ 'saved_model.pb': cut }), 'fileDamaged', 'reasonTruncated');
  });

  test('whose index is no table, or too large to be one', async () => {
    await assertEnds(folderOf({ [indexName]: Buffer.alloc(0) }), 'fileDamaged', 'reasonContent');
    await assertEnds(folderOf({ [indexName]: Buffer.alloc(100) }), 'fileDamaged', 'reasonContent');
    const folder = folderOf();
    truncateSync(join(folder, indexName), 300 * 2 ** 20);
    await assertEnds(folder, 'tooLarge');
  });

  test('whose keys share more than there was', async () => {
    const value = bundleEntry({ offset: 0, length: 4 });
    await assertEnds(
      indexed(tableBlock([header, { key: 'a', value, shared: 1 }])),
      'fileDamaged',
      'reasonContent',
    );
  });

  test('whose blocks lie outside, or have more restarts than bytes', async () => {
    const block = tableBlock([header]);
    for (const handle of [
      blockHandle(2 ** 40, 100),
      blockHandle(0, 2 ** 40),
      blockHandle(0, 8),
      Buffer.alloc(1),
    ])
      await assertEnds(
        folderOf({ [indexName]: sortedTable([block], [handle]) }),
        'fileDamaged',
        'reasonContent',
      );
    const restarts = Buffer.from(block);
    restarts.writeUInt32LE(2 ** 32 - 1, block.length - 9);
    await assertEnds(indexed(restarts), 'fileDamaged', 'reasonContent');
  });

  test('that repeats a long key, or a block, without end', async () => {
    const long: TableEntryParts = { key: 'k'.repeat(2 ** 20), value: Buffer.alloc(0) };
    const again = Array.from({ length: 5000 }, () => ({ key: '', value: Buffer.alloc(0), shared: 2 ** 20 }));
    await assertEnds(indexed(tableBlock([header, long, ...again])), 'fileDamaged', 'reasonTooManyParts');
    const many = tableBlock(Array.from({ length: 1000 }, () => ({ key: '', value: Buffer.alloc(0) })));
    const handles = Array.from({ length: 1000 }, () => blockHandle(0, many.length));
    const table = sortedTable([many], handles);
    await assertEnds(folderOf({ [indexName]: table }), 'fileDamaged', 'reasonTooManyParts');
  });

  test('whose tensors lie outside their shard, in none, or all in one place', async () => {
    const shape = [4, 4];
    const entry = (change: object) => ({
      key: 'lstm/recurrent_kernel',
      value: bundleEntry({ shape, offset: 0, length: 64, ...change }),
    });
    for (const change of [
      { offset: 2 ** 40 },
      { offset: -64 },
      { shape: [2 ** 20, 2 ** 20], length: 2 ** 42 },
    ])
      await assertEnds(indexed(tableBlock([header, entry(change)])), 'fileDamaged', 'reasonTruncated');
    await assertEnds(indexed(tableBlock([header, entry({ shard: 1 })])), 'fileDamaged', 'reasonContent');
    const all = Array.from({ length: 1000 }, (_, i) => ({ ...entry({}), key: `${i}/kernel` }));
    await assertEnds(indexed(tableBlock([header, ...all])), 'fileDamaged', 'reasonTruncated');
    for (const odd of [{ shape: [-4, -4] }, { shape: [0, 4], length: 0 }, { shape: [5, 5] }])
      await assertEnds(indexed(tableBlock([header, entry(odd)])), 'noRecurrentLayers');
  });

  test('whose objects fill more than any have', async () => {
    const entry = bundleEntry({ dtype: 7, offset: 0, length: 2 ** 25 });
    const folder = indexed(tableBlock([header, { key: objectGraphKey, value: entry }]));
    truncateSync(join(folder, dataName), 2 ** 25);
    await assertEnds(folder, 'tooLarge');
  });

  test('whose tens of thousands of tensors have one name', async () => {
    const entries = Array.from({ length: 30_000 }, (_, i) => ({
      key: `a/${String(i).padStart(6, '0')}`,
      value: bundleEntry({ shape: [1], offset: 4 * i, length: 4 }),
    }));
    const folder = indexed(tableBlock([header, ...entries]));
    truncateSync(join(folder, dataName), 120_000);
    await assertEnds(folder, 'noRecurrentLayers');
  });

  test('and writes nothing where it is refused', async () => {
    mkdirSync(join(root, 'out'), { recursive: true });
    await withModel(folderOf(), async (model) => {
      const output = join(root, 'out', 'm');
      const message = await messageFrom(() => model.save(output, { compress: true }));
      assert.equal(message.code, 'compressUnsupported');
      assert.equal(existsSync(output), false);
    });
  });
});
