import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import type { KeptIndices } from '../../../extension/model/shrinking.ts';
import type { Pickled } from '../../support/pickle.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { floats, type TorchZip, tensor, torchLegacy, torchZip } from '../../support/torchFile.ts';
import { parameterOf, withTorch } from './torchContents.ts';
import { readEntries } from './zipEntries.ts';

const write = scratchFiles();
let files = 0;
/** A name that is free. */
function target(): string {
  return write(`out${files++}`, '').concat('.pt');
}

const storages = { 0: floats(1, 2, 3, 4, 5, 6), 1: floats(7, 8), 2: floats(0.1, 0.2) };
const weight = tensor({ storage: '0', numel: 6, shape: [2, 3] });
const saved = new Map<string, Pickled>([
  ['w', weight],
  ['tied', tensor({ storage: '0', numel: 6, shape: [2, 3] })],
  ['b', tensor({ storage: '1', numel: 2, shape: [2] })],
  ['rest', tensor({ storage: '2', numel: 1, shape: [1], type: 'DoubleStorage' })],
]);
const containers: Record<string, (file: TorchZip) => Buffer> = {
  zip: torchZip,
  legacy: torchLegacy,
};

for (const [kind, bytesOf] of Object.entries(containers)) {
  // The legacy writer of the tests knows floats only.
  const file =
    kind === 'zip'
      ? { saved, storages }
      : { saved: new Map([...saved].slice(0, 3)), storages: { 0: storages[0], 1: storages[1] } };

  describe(`a ${kind} file of PyTorch`, () => {
    test('that did not change is saved byte by byte', async () => {
      const path = write('same.pt', bytesOf(file));
      const out = target();
      await withTorch(path, ({ container }) => container.save(out, {}));
      assert.deepEqual(readFileSync(out), readFileSync(path));
    });

    test('is saved with zeros and trained values where the old ones lay; all else keeps its bytes', async () => {
      const original = bytesOf(file);
      const out = target();
      await withTorch(write('change.pt', original), async (opened) => {
        const w = parameterOf(opened, 'w');
        assert.ok(w);
        w.mask = Uint8Array.of(1, 0, 1, 1, 1, 0);
        w.trained = Float32Array.of(1, 2, 30, 4, 5, 6);
        await opened.container.save(out, {});
      });
      await withTorch(out, async (opened) => {
        assert.deepEqual(await opened.read('w'), [1, 0, 30, 4, 5, 0]);
        assert.deepEqual(await opened.read('tied'), [1, 0, 30, 4, 5, 0]);
      });
      const written = readFileSync(out);
      assert.equal(written.length, original.length);
      const changes = [...written.keys()].filter((i) => written[i] !== original[i]);
      // Three values, and the checksum in two places.
      assert.ok(changes.length <= 3 * 4 + 2 * 4, `${changes.length} bytes changed`);
    });

    test('loses rows and columns of a weight, under both of its names', async () => {
      const out = target();
      const kept = new Map<string, KeptIndices>([['w', [[1], [0, 2]]]]);
      await withTorch(write('shrink.pt', bytesOf(file)), ({ container }) => container.save(out, { kept }));
      await withTorch(out, async (opened) => {
        assert.deepEqual(parameterOf(opened, 'w')?.shape, [1, 2]);
        assert.deepEqual(await opened.read('w'), [4, 6]);
        assert.equal(parameterOf(opened, 'tied'), parameterOf(opened, 'w'));
        assert.deepEqual(await opened.read('b'), [7, 8]);
      });
    });
  });
}

describe('a zip file of PyTorch', () => {
  test('has right checksums once it is saved', async () => {
    const out = target();
    await withTorch(write('crc.pt', torchZip({ saved, storages })), async (opened) => {
      const b = parameterOf(opened, 'b');
      assert.ok(b);
      b.mask = Uint8Array.of(0, 1);
      await opened.container.save(out, {});
    });
    for (const { name, crc, bytes } of await readEntries(out)) assert.equal(crc, crc32(bytes), name);
    // The local header, too, which that reader does not look at.
    const written = readFileSync(out);
    const local = written.indexOf('model/data/1') - 30;
    assert.equal(written.readUInt32LE(local + 14), crc32(floats(0, 8)));
  });

  test('lays each entry at a multiple of 64 bytes when it is written anew', async () => {
    const out = target();
    const kept = new Map<string, KeptIndices>([['b', [[1]]]]);
    await withTorch(write('align.pt', torchZip({ saved, storages })), ({ container }) =>
      container.save(out, { kept }),
    );
    const written = readFileSync(out);
    for (const { name, bytes, crc } of await readEntries(out)) {
      assert.equal(crc, crc32(bytes), name);
      const header = written.indexOf(name) - 30;
      const data = header + 30 + written.readUInt16LE(header + 26) + written.readUInt16LE(header + 28);
      assert.equal(data % 64, 0, name);
      assert.deepEqual(written.subarray(data, data + bytes.length), bytes, name);
    }
    assert.deepEqual(
      (await readEntries(out)).map(({ name }) => name),
      ['model/data.pkl', 'model/data/0', 'model/data/1', 'model/data/2', 'model/version'],
    );
  });

  test('shrinks views of one storage, row-major or not, and leaves those beside them whole', async () => {
    const shared = new Map<string, Pickled>([
      ['a', tensor({ storage: '0', numel: 12, shape: [2, 3] })],
      ['t', tensor({ storage: '0', numel: 12, shape: [2, 2], stride: [1, 2], offset: 6 })],
      ['c', tensor({ storage: '0', numel: 12, shape: [2], offset: 10 })],
    ]);
    const values = floats(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    const path = write('shared.pt', torchZip({ saved: shared, storages: { 0: values } }));
    const kept = new Map<string, KeptIndices>([
      ['a', [null, [0, 2]]],
      ['t', [[1], null]],
    ]);
    const out = target();
    await withTorch(path, ({ container }) => container.save(out, { kept }));
    await withTorch(out, async (opened) => {
      assert.deepEqual(await opened.read('a'), [1, 3, 4, 6]);
      assert.deepEqual(await opened.read('t'), [8, 10]);
      assert.deepEqual(await opened.read('c'), [11, 12]);
    });
    assert.equal((await readEntries(out)).find(({ name }) => name.endsWith('/0'))?.bytes.length, 8 * 4);
  });

  test('shrinks the moments of an optimizer with the weights that they go with', async () => {
    const moment = tensor({ storage: '3', numel: 6, shape: [2, 3] });
    const model = new Map([...saved].slice(0, 3));
    const checkpoint = new Map<string, Pickled>([
      ['model', model],
      ['optimizer', optimizerOf(moment, [4, 7])],
    ]);
    const all = { ...storages, 3: floats(10, 20, 30, 40, 50, 60) };
    const path = write('moments.pt', torchZip({ saved: checkpoint, storages: all }));
    const out = target();
    await withTorch(path, ({ container }) => container.save(out, { kept: new Map([['w', [[1], [0, 2]]]]) }));
    const entry = (await readEntries(out)).find(({ name }) => name === 'model/data/3');
    assert.deepEqual(entry?.bytes, floats(40, 60));
  });

  test('is not shrunk where something in it would no longer fit', async () => {
    const optimizer = optimizerOf(tensor({ storage: '0', numel: 6, shape: [3, 2] }), [0]);
    const overlapping = new Map([
      ...saved,
      ['part', tensor({ storage: '1', numel: 2, shape: [1], offset: 1 })],
    ]);
    const bytecode = ['constants.pkl', 'bytecode.pkl'].map((name) => ({
      name: `model/${name}`,
      bytes: Buffer.from(''),
    }));
    const cases: [Pickled, string, TorchZip['entries']?][] = [
      [
        new Map<string, Pickled>([
          ['model', saved],
          ['optimizer', optimizer],
        ]),
        'optimizer',
      ],
      [
        new Map<string, Pickled>([
          ['model', saved],
          ['more', overlapping],
        ]),
        'storage',
      ],
      [saved, 'bytecode', bytecode],
    ];
    for (const [content, reason, entries = []] of cases) {
      const path = write('unfit.pt', torchZip({ saved: content, storages, entries }));
      const check = () => withTorch(path, ({ container }) => container.checkRebuild('shrink', []));
      await assertRefuses(check, 'shrinkUnsupported', reason);
    }
  });

  test('is never compressed', () => {
    const path = write('whole.pt', torchZip({ saved, storages }));
    const check = () => withTorch(path, ({ container }) => container.checkRebuild('compress', []));
    return assertRefuses(check, 'compressUnsupported', 'PyTorch');
  });

  test('is not saved with trained values that its type cannot hold', () => {
    const half = tensor({ storage: '1', numel: 4, shape: [4], type: 'HalfStorage' });
    const path = write('half.pt', torchZip({ saved: new Map([['h', half]]), storages }));
    return withTorch(path, async (opened) => {
      const h = parameterOf(opened, 'h');
      assert.ok(h);
      h.trained = Float32Array.of(1, 2, 3, 1e6);
      await assertRefuses(() => opened.container.save(target(), {}), 'trainedNotFinite', 'h');
    });
  });
});

/** The state of an optimizer that counts its weights so, and has one moment, of the first. */
function optimizerOf(moment: Pickled, params: readonly number[]): Pickled {
  const state = new Map([[params[0], new Map([['exp_avg', moment]])]]);
  return new Map<string, Pickled>([
    ['state', state],
    [
      'param_groups',
      [
        new Map<string, Pickled>([
          ['lr', 1],
          ['params', params],
        ]),
      ],
    ],
  ]);
}
