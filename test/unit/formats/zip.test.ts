import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import { ZipArchive } from '../../../extension/formats/zip/archive.ts';
import {
  centralHeader,
  endOfDirectory,
  localHeader,
  writeStored,
} from '../../../extension/formats/zip/write.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { zipBytes } from '../../support/zip.ts';
import { readEntries } from './zipEntries.ts';

const write = scratchFiles();
const modified = { time: 0x6c32, date: 0x5a71 };
const contents = [
  { name: 'a.json', bytes: Buffer.from('{"a": 1}'), modified },
  { name: 'folder/', bytes: Buffer.alloc(0), modified },
  {
    name: 'folder/b.bin',
    bytes: Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i) & 0xff)),
    modified,
  },
];

test('what is written is read back by another library: names, order, times, bytes, checksums', async () => {
  for (const deflate of [false, true]) {
    const from = write('from.zip', zipBytes(contents.map((entry) => ({ ...entry, deflate }))));
    const to = `${from}.stored`;
    const archive = await ZipArchive.open(from);
    await writeStored(
      to,
      archive.entries.map((like) => ({ like, bytes: () => archive.bytes(like) })),
    );
    archive.close();
    assert.deepEqual(
      await readEntries(to),
      contents.map(({ name, bytes }) => ({ name, method: 0, ...modified, crc: crc32(bytes), bytes })),
    );
    write('from.zip.stored', '');
    (await import('node:fs')).rmSync(to);
  }
});

test('an archive of STORED entries without extra fields is written as the same bytes', async () => {
  const from = write('same.zip', zipBytes(contents));
  const archive = await ZipArchive.open(from);
  await writeStored(
    `${from}.again`,
    archive.entries.map((like) => ({ like, bytes: () => archive.bytes(like) })),
  );
  archive.close();
  assert.deepEqual(withoutMadeBy(readFileSync(`${from}.again`)), withoutMadeBy(readFileSync(from)));
});

/** "Version made by" says nothing about the content. */
function withoutMadeBy(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (
    let at = copy.indexOf('PK\x01\x02', 0, 'latin1');
    at !== -1;
    at = copy.indexOf('PK\x01\x02', at + 4, 'latin1')
  )
    copy.fill(0, at + 4, at + 6);
  return copy;
}

const like = {
  fileName: 'w',
  fileNameRaw: Buffer.from('w'),
  generalPurposeBitFlag: 0,
  lastModFileTime: 0,
  lastModFileDate: 0,
  internalFileAttributes: 0,
  externalFileAttributes: 0,
  versionMadeBy: 20,
} as Parameters<typeof localHeader>[0];
const large = 0x1_2345_6789;

test('entries of four gigabytes and more have their sizes in the zip64 field (APPNOTE 4.5.3)', () => {
  const header = localHeader(like, 7, large);
  assert.equal(header.readUInt16LE(4), 45);
  assert.equal(header.readUInt32LE(18), 0xffffffff);
  assert.equal(header.readUInt32LE(22), 0xffffffff);
  assert.equal(header.readUInt16LE(28), 20);
  const extra = header.subarray(31);
  assert.deepEqual([extra.readUInt16LE(0), extra.readUInt16LE(2)], [1, 16]);
  assert.deepEqual([extra.readBigUInt64LE(4), extra.readBigUInt64LE(12)], [BigInt(large), BigInt(large)]);
});

test('entries behind four gigabytes have their offset in the zip64 field, sizes first if they are there too', () => {
  const offsetOnly = centralHeader(like, 7, 5, large);
  assert.deepEqual([offsetOnly.readUInt32LE(20), offsetOnly.readUInt32LE(24)], [5, 5]);
  assert.equal(offsetOnly.readUInt32LE(42), 0xffffffff);
  assert.equal(offsetOnly.subarray(47).readUInt16LE(2), 8);
  assert.equal(offsetOnly.readBigUInt64LE(47 + 4), BigInt(large));
  const both = centralHeader(like, 7, large, large + 1);
  assert.equal(both.subarray(47).readUInt16LE(2), 24);
  assert.equal(both.readBigUInt64LE(47 + 4 + 16), BigInt(large + 1));
});

test('a directory behind four gigabytes has a zip64 end record and its locator', () => {
  const end = endOfDirectory(3, 150, large);
  assert.equal(end.readUInt32LE(0), 0x06064b50);
  assert.equal(end.readBigUInt64LE(4), 44n);
  assert.deepEqual([end.readBigUInt64LE(24), end.readBigUInt64LE(32)], [3n, 3n]);
  assert.deepEqual([end.readBigUInt64LE(40), end.readBigUInt64LE(48)], [150n, BigInt(large)]);
  assert.equal(end.readUInt32LE(56), 0x07064b50);
  assert.equal(end.readBigUInt64LE(64), BigInt(large + 150));
  assert.equal(end.readUInt32LE(76), 0x06054b50);
  assert.equal(end.readUInt32LE(76 + 16), 0xffffffff);
  assert.equal(endOfDirectory(3, 150, 1000).length, 22);
});

test('so have 65 535 entries and more', () => {
  const end = endOfDirectory(0xffff, 150, 1000);
  assert.equal(end.readUInt32LE(0), 0x06064b50);
  assert.equal(end.readBigUInt64LE(32), 0xffffn);
});

test('an entry larger than its limit is refused before it is read', async () => {
  const archive = await ZipArchive.open(write('limit.zip', zipBytes(contents)));
  await assertRefuses(
    () => archive.entry('folder/b.bin', 1000),
    'tooLarge',
    '200,000 bytes',
    'limit of 1,000',
  );
  assert.equal(archive.entry('folder/b.bin', 200_000).uncompressedSize, 200_000);
  await assertRefuses(() => archive.entry('gone', 1), 'fileDamaged', 'gone');
  archive.close();
});
