import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, test } from 'node:test';
import { isTorchFile } from '../../../extension/formats/pytorch/openTorch.ts';
import { called, global, type Pickled } from '../../support/pickle.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import {
  floats,
  type TensorText,
  type TorchZip,
  tensor,
  torchLegacy,
  torchZip,
} from '../../support/torchFile.ts';
import { zipBytes } from '../../support/zip.ts';
import { parameterOf, withTorch } from './torchContents.ts';

const write = scratchFiles();
const six = floats(1, 2, 3, 4, 5, 6);

function dict(tensors: Record<string, Partial<TensorText>>): Map<string, Pickled> {
  return new Map(
    Object.entries(tensors).map(([name, own]) => [
      name,
      tensor({ storage: '0', numel: 6, shape: [2, 3], ...own }),
    ]),
  );
}

function zipOf(tensors: Record<string, Partial<TensorText>>, more: Partial<TorchZip> = {}): string {
  return write('model.pt', torchZip({ saved: dict(tensors), storages: { 0: six }, ...more }));
}

function refused(path: string, code: Parameters<typeof assertRefuses>[1], ...parts: string[]) {
  return assertRefuses(() => withTorch(path, async () => {}), code, ...parts);
}

describe('a file of PyTorch', () => {
  test('of the legacy format is read like one of today', () => {
    const saved = dict({ w: {}, b: { storage: '7', numel: 2, shape: [2] } });
    const path = write('old.pt', torchLegacy({ saved, storages: { 0: six, 7: floats(8, 9) } }));
    return withTorch(path, async (file) => {
      assert.equal(file.container.format, 'PyTorch (legacy)');
      assert.deepEqual(await file.read('w'), [1, 2, 3, 4, 5, 6]);
      assert.deepEqual(await file.read('b'), [8, 9]);
    });
  });

  test('gives views of its storages as they lie: parts, transposed and with gaps', () =>
    withTorch(
      zipOf(
        {
          part: { shape: [2], offset: 3 },
          transposed: { shape: [3, 2], stride: [1, 3], storage: '1' },
          column: { shape: [2], stride: [3], offset: 1, storage: '2' },
        },
        { storages: { 0: six, 1: six, 2: six } },
      ),
      async (file) => {
        assert.deepEqual(await file.read('part'), [4, 5]);
        assert.deepEqual(await file.read('transposed'), [1, 4, 2, 5, 3, 6]);
        assert.deepEqual(await file.read('column'), [2, 5]);
      },
    ));

  test('gives halves of rows that lie between each other', () =>
    withTorch(
      zipOf({
        'rnn.weight_hh_l0': { shape: [2, 1], stride: [3, 1] },
        'rnn.weight_ih_l0': { shape: [2, 2], stride: [3, 1], offset: 1 },
      }),
      async (file) => {
        assert.deepEqual(await file.read('rnn.weight_hh_l0'), [1, 4]);
        assert.deepEqual(await file.read('rnn.weight_ih_l0'), [2, 3, 5, 6]);
      },
    ));

  test('whose recurrent weights share a part of their values is refused by the name of one', async () => {
    const pair = { 'rnn.weight_hh_l0': { shape: [4] }, 'rnn.weight_ih_l0': { shape: [3], offset: 3 } };
    await refused(zipOf(pair), 'tensorsOverlap', 'rnn.weight_hh_l0');
    await refused(
      zipOf({ 'rnn.bias_hh_l0': { shape: [2, 3], stride: [0, 1] } }),
      'tensorsOverlap',
      'rnn.bias_hh_l0',
    );
  });

  test('only names other tensors that share a part of their values', () =>
    withTorch(zipOf({ table: {}, turned: { shape: [3, 2], stride: [1, 3] } }), async (file) => {
      assert.deepEqual(file.names, ['table', 'turned']);
      assert.equal(parameterOf(file, 'table'), undefined);
    }));

  test('only names an expanded tensor, be its values more than its storage has bytes', () =>
    withTorch(
      zipOf({
        table: { shape: [6] },
        wide: { shape: [2 ** 31 - 1, 2 ** 31 - 1], stride: [0, 0], offset: 5 },
      }),
      async (file) => {
        assert.deepEqual(file.names, ['table', 'wide']);
        assert.equal(parameterOf(file, 'wide'), undefined);
        assert.ok(parameterOf(file, 'table'));
      },
    ));

  test('that ends before its storages do is damaged', async () => {
    const legacy = torchLegacy({ saved: dict({ w: {} }), storages: { 0: six } });
    await refused(write('cut.pt', legacy.subarray(0, legacy.length - 1)), 'fileDamaged', 'ends before');
    await refused(
      write('cut.pt', torchZip({ saved: 1, storages: { 0: six } }).subarray(0, 300)),
      'fileDamaged',
    );
  });

  test('whose tensors reach beyond their storages is damaged', async () => {
    for (const own of [
      { shape: [7] },
      { shape: [2, 3], offset: 1 },
      { shape: [2], stride: [6] },
      { numel: 7, shape: [7] },
      { storage: '9' },
    ])
      await refused(zipOf({ w: own }), 'fileDamaged');
  });

  test('whose storages are compressed is refused, so that no entry can grow', async () => {
    const deflated = { name: 'model/data/0', bytes: Buffer.alloc(24), deflate: true };
    await refused(zipOf({ w: {} }, { storages: {}, entries: [deflated] }), 'fileDamaged', 'compressed');
  });

  test('with big-endian values is refused', async () => {
    const order = { name: 'model/byteorder', bytes: Buffer.from('big') };
    await refused(zipOf({ w: {} }, { entries: [order] }), 'notATorchModel', 'big-endian');
    const legacy = torchLegacy({ saved: dict({ w: {} }), storages: { 0: six } }, false);
    await refused(write('big.pt', legacy), 'notATorchModel', 'big-endian');
  });

  test('of the tar format, or of none, is refused by name', async () => {
    const tar = Buffer.alloc(1024);
    tar.write('ustar', 257);
    await refused(write('tar.pt', tar), 'notATorchModel', 'tar format');
    await refused(write('text.pt', 'hello'), 'notATorchModel', 'torch.save');
    // pickle.dump keeps each storage as the bytes of a whole legacy file.
    const dumped = Buffer.concat([
      Buffer.from('\x80\x04\x8c\x0dtorch.storageB', 'latin1'),
      torchLegacy({ saved: 1, storages: {} }),
    ]);
    for (const name of ['dumped.pt', 'dumped.bin'])
      await refused(write(name, dumped), 'notATorchModel', 'pickle.dump');
    await refused(write('empty.pt', ''), 'notATorchModel', 'torch.save');
    await refused(write('other.pt', zipBytes([{ name: 'a.txt', bytes: six }])), 'notATorchModel', 'data.pkl');
  });

  test('with entries that lead out of it is damaged', () =>
    refused(zipOf({ w: {} }, { entries: [{ name: '../../evil', bytes: six }] }), 'fileDamaged'));

  test('that wants something called is read without', async () => {
    const victim = `${write('x', '')}.called`;
    const saved = new Map<string, Pickled>([
      ...dict({ w: {} }),
      ['evil', called(global('os', 'system'), [`touch ${victim}`])],
      ['worse', called(global('builtins', 'eval'), [`open(${JSON.stringify(victim)}, "w")`])],
    ]);
    const path = write('evil.pt', torchZip({ saved, storages: { 0: six } }));
    await withTorch(path, async (file) => assert.deepEqual(file.names, ['w']));
    assert.equal(existsSync(victim), false);
  });

  test('is told from others by its content', async () => {
    assert.equal(await isTorchFile(zipOf({ w: {} })), true);
    const saved = dict({ w: {} });
    assert.equal(await isTorchFile(write('a.bin', torchLegacy({ saved, storages: { 0: six } }))), true);
    assert.equal(await isTorchFile(write('b.bin', zipBytes([{ name: 'a.txt', bytes: six }]))), false);
    assert.equal(await isTorchFile(write('c.bin', 'PK\x03\x04 and nothing else')), false);
    assert.equal(await isTorchFile(write('d.bin', '')), false);
  });
});
