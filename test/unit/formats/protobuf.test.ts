import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FileBytes } from '../../../extension/formats/bytes/fileBytes.ts';
import { WireReader } from '../../../extension/formats/protobuf/reader.ts';
import { writeSpliced } from '../../../extension/formats/protobuf/splice.ts';
import { readVarint, varintEnd, writeVarint } from '../../../extension/formats/protobuf/varint.ts';
import { field, floatField, packedFloats } from '../../support/protobuf.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

const write = scratchFiles();

async function readerOf(bytes: Buffer): Promise<WireReader> {
  return new WireReader(await FileBytes.open(write('message', bytes)), 'message');
}

test('varints are what protobuf.dev writes, and come back as they went', () => {
  // "Encoding": 150 is 96 01; −2 as an int64 is fe and eight times ff, then 01.
  assert.deepEqual([...writeVarint(150)], [0x96, 0x01]);
  assert.deepEqual([...writeVarint(-2)], [0xfe, ...Array(8).fill(0xff), 0x01]);
  const values = [
    0,
    1,
    127,
    128,
    2 ** 28,
    2 ** 31,
    2 ** 32 + 5,
    2 ** 35,
    Number.MAX_SAFE_INTEGER,
    -1,
    -(2 ** 40),
  ];
  for (const value of values) {
    const bytes = writeVarint(value);
    assert.equal(readVarint(bytes, 0), value);
    assert.equal(varintEnd(), bytes.length);
  }
});

test('a varint without an end, or of more than ten bytes, is none', () => {
  assert.ok(Number.isNaN(readVarint(Uint8Array.of(0x80, 0x80), 0)));
  assert.ok(Number.isNaN(readVarint(new Uint8Array(11).fill(0x80), 0)));
});

test('fields are found where they lie, and numbers side by side are one run', async () => {
  const bytes = Buffer.concat([
    field(1, 300),
    field(1, 5),
    field(2, 'text'),
    floatField(3, 1.5),
    field(1, 7),
  ]);
  const reader = await readerOf(bytes);
  const fields = await reader.fields(reader.whole());
  assert.deepEqual(
    fields.map(({ number, count, value }) => [number, count, value]),
    [
      [1, 2, 5],
      [2, 1, 0],
      [3, 1, 0],
      [1, 1, 7],
    ],
  );
  assert.equal(await reader.text(fields[1]), 'text');
  assert.equal(await reader.float(fields[2]), 1.5);
});

const damaged: Record<string, Buffer> = {
  'a length beyond the file': Buffer.from([0x0a, 0x7f, 1, 2]),
  'a length of eight exabytes': Buffer.concat([Buffer.from([0x0a]), writeVarint(2 ** 62)]),
  'a negative length': Buffer.concat([Buffer.from([0x0a]), writeVarint(-1)]),
  'a field numbered 0': Buffer.from([0x02, 0]),
  'a group': Buffer.from([0x0b, 0x0c]),
  'a float that is cut off': Buffer.from([0x0d, 1, 2]),
  'a varint that is cut off': Buffer.from([0x08, 0x80]),
};
for (const [what, bytes] of Object.entries(damaged)) {
  test(`${what} is damage, and is not read`, async () => {
    const reader = await readerOf(bytes);
    await assertRefuses(() => reader.fields(reader.whole()), 'fileDamaged');
  });
}

test('a length beyond the message that it stands in is damage, though the file goes on', async () => {
  const inner = Buffer.from([0x0a, 0x05, 1]);
  const reader = await readerOf(Buffer.concat([field(1, inner), field(2, 'more than enough bytes')]));
  const whole = reader.whole();
  const [first] = await reader.fields(whole);
  await assertRefuses(() => reader.fields(reader.message(first, whole)), 'fileDamaged');
});

test('replacing bytes gives every message around them its new length, and changes nothing else', async () => {
  // The inner message grows from 3 to 300 bytes, so that the lengths of both messages take a byte more.
  const nested = (payload: Buffer) =>
    Buffer.concat([
      field(15, 'before'),
      field(7, Buffer.concat([field(1, 'a'), field(5, Buffer.concat([field(4, payload)])), field(99, 'b')])),
      packedFloats(200, [1, 2]),
    ]);
  const reader = await readerOf(nested(Buffer.from('x')));
  const whole = reader.whole();
  const outer = reader.message((await reader.fields(whole))[1], whole);
  const inner = reader.message((await reader.fields(outer))[1], outer);
  const [{ field: start, end }] = await reader.fields(inner);
  const bytes = field(4, Buffer.alloc(300, 'y'));
  const target = `${reader.file.path}.spliced`;
  await writeSpliced(reader.file, target, [
    { start, end, inside: inner, length: bytes.length, bytes: () => bytes },
  ]);
  assert.deepEqual(readFileSync(target), nested(Buffer.alloc(300, 'y')));
});

test('replacing bytes by as many leaves lengths as they were written, were they longer than they need to be', async () => {
  const long = Buffer.from([0x0a, 0x83, 0x80, 0x00, 0x08, 0x96, 0x01]);
  const reader = await readerOf(long);
  const whole = reader.whole();
  const inside = reader.message((await reader.fields(whole))[0], whole);
  const bytes = Buffer.from([0x97, 0x01]);
  const target = `${reader.file.path}.same`;
  await writeSpliced(reader.file, target, [{ start: 5, end: 7, inside, length: 2, bytes: () => bytes }]);
  assert.deepEqual(readFileSync(target), Buffer.concat([long.subarray(0, 5), bytes]));
});
