import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { openNpz } from '../../../extension/data/npz.ts';
import { floats, npyBytes } from '../../support/npy.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { npzBytes, zipBytes } from '../../support/zip.ts';

const write = scratchFiles();
const many = Array.from({ length: 300_000 }, (_, i) => Math.fround(Math.sin(i)));

for (const deflate of [false, true]) {
  test(`arrays of ${deflate ? 'a compressed' : 'an uncompressed'} archive are listed by shape and read whole`, async () => {
    const path = write(
      'good.npz',
      npzBytes({ x: floats([300, 1000], many), y: floats([2], [1, 2]) }, deflate),
    );
    const arrays = await openNpz(path);
    assert.deepEqual(
      [...arrays].map(([name, { shape }]) => [name, shape]),
      [
        ['x', [300, 1000]],
        ['y', [2]],
      ],
    );
    assert.deepEqual((await arrays.get('x')?.read())?.data, Float32Array.from(many));
    assert.deepEqual([...((await arrays.get('y')?.read())?.data ?? [])], [1, 2]);
  });
}

test('arrays that nobody needs may be of any type', async () => {
  const names = npyBytes({ descr: '|O', shape: [3], values: Buffer.from('a pickle that nobody opens') });
  const arrays = await openNpz(write('objects.npz', npzBytes({ names, y: floats([1], [4]) })));
  assert.deepEqual([...((await arrays.get('y')?.read())?.data ?? [])], [4]);
  await assertRefuses(() => arrays.get('names')?.read(), 'arrayDtype', 'names', '|O');
});

test('a truncated archive and random bytes are damaged files', async () => {
  const good = npzBytes({ x: floats([300, 1000], many) }, true);
  for (const length of [1, 30, 500, good.length >> 1, good.length - 1]) {
    await assertRefuses(() => openNpz(write('cut.npz', good.subarray(0, length))), 'dataDamaged', 'cut.npz');
  }
  const noise = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * i * 31 + (i >> 3)) & 0xff));
  await assertRefuses(() => openNpz(write('noise.npz', noise)), 'dataDamaged', 'noise.npz', 'zip archive');
  await assertRefuses(() => openNpz(write('empty.npz', Buffer.alloc(0))), 'dataDamaged', 'empty');
});

test('changed bytes are found by the checksum or by the decompressor', async () => {
  for (const deflate of [false, true]) {
    const bytes = npzBytes({ x: floats([300, 1000], many) }, deflate);
    bytes[100_000] ^= 0x55;
    await assertRefuses(
      async () => {
        const arrays = await openNpz(write('changed.npz', bytes));
        await arrays.get('x')?.read();
      },
      'dataDamaged',
      'array x',
    );
  }
});

test('a checksum that does not match is named', async () => {
  const path = write('crc.npz', zipBytes([{ name: 'x.npy', bytes: floats([1], [1]), claimedCrc: 7 }]));
  const arrays = await openNpz(path);
  await assertRefuses(() => arrays.get('x')?.read(), 'dataDamaged', 'checksum');
});

test('an entry that inflates to more than it claims is refused', async () => {
  const array = floats([300, 1000], many);
  // Header and claim agree; the data just go on.
  const bytes = Buffer.concat([array, Buffer.alloc(100_000)]);
  const entry = { name: 'x.npy', bytes, deflate: true, claimedSize: array.length };
  const arrays = await openNpz(write('more.npz', zipBytes([entry])));
  await assertRefuses(() => arrays.get('x')?.read(), 'dataDamaged', 'array x');
});

test('an entry that claims more than deflate can pack is refused before memory is taken', async () => {
  const header = npyBytes({ descr: '<f4', shape: [500_000_000], values: new Uint8Array(0) });
  const claimedSize = header.length + 2_000_000_000;
  const bomb = zipBytes([{ name: 'x.npy', bytes: header, deflate: true, claimedSize }]);
  const before = process.memoryUsage().arrayBuffers;
  await assertRefuses(() => openNpz(write('bomb.npz', bomb)), 'dataDamaged', 'array x');
  assert.ok(process.memoryUsage().arrayBuffers - before < 100_000_000);
});

test('an array that would not fit into memory is refused by its size', async () => {
  // Bytes become int32, so these two gigabytes would take eight.
  const header = npyBytes({ descr: '|u1', shape: [2 ** 31], values: new Uint8Array(0) });
  const entry = { name: 'x.npy', bytes: Buffer.concat([header, randomBytes(3_000_000)]), deflate: true };
  const huge = zipBytes([{ ...entry, claimedSize: header.length + 2 ** 31 }]);
  const arrays = await openNpz(write('huge.npz', huge));
  await assertRefuses(() => arrays.get('x')?.read(), 'tooLarge', 'x');
});

test('an entry that is no array is damaged, other files in the archive are left alone', async () => {
  const readme = { name: 'readme.txt', bytes: Buffer.from('hello') };
  const path = write('readme.npz', zipBytes([readme, { name: 'x.npy', bytes: floats([1], [1]) }]));
  assert.deepEqual([...(await openNpz(path)).keys()], ['x']);
  const wrong = write('wrong.npz', zipBytes([{ name: 'x.npy', bytes: Buffer.from('hello, world') }]));
  await assertRefuses(() => openNpz(wrong), 'dataDamaged', 'array x');
});

test('an archive without arrays says so', async () => {
  const readme = { name: 'readme.txt', bytes: Buffer.from('hello') };
  for (const [name, entries] of Object.entries({ 'none.npz': [], 'text.npz': [readme] })) {
    await assertRefuses(
      () => openNpz(write(name, zipBytes(entries))),
      'dataDamaged',
      name,
      'holds no arrays',
    );
  }
});
