import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openNpy } from '../../../extension/data/npy.ts';
import { floats, type NpyContent, npyBytes } from '../../support/npy.ts';
import { processorLimit } from '../../support/processorLimit.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

const write = scratchFiles();
let files = 0;
const read = async (content: NpyContent | Buffer) => {
  const bytes = Buffer.isBuffer(content) ? content : npyBytes(content);
  return (await openNpy(write(`array${files++}.npy`, bytes))).read();
};

/** The same three numbers in every type that can hold them. */
const whole: Record<string, ArrayBufferView> = {
  '|b1': Uint8Array.of(1, 0, 1),
  '|i1': Int8Array.of(1, -2, 3),
  '|u1': Uint8Array.of(1, 200, 3),
  '<i2': Int16Array.of(1, -2000, 3),
  '<u2': Uint16Array.of(1, 60000, 3),
  '<i4': Int32Array.of(1, -200000, 3),
  '<u4': Uint32Array.of(1, 200000, 3),
  '<i8': BigInt64Array.of(1n, -2147483648n, 3n),
  '<u8': BigUint64Array.of(1n, 2147483647n, 3n),
};

for (const [descr, values] of Object.entries(whole)) {
  test(`whole numbers of type ${descr} stay whole`, async () => {
    const { shape, data } = await read({ descr, shape: [3], values });
    assert.deepEqual(shape, [3]);
    assert.ok(data instanceof Int32Array);
    assert.deepEqual([...data], Array.from(values as unknown as ArrayLike<number | bigint>, Number));
  });
}

test('fractions of 4 and 8 bytes become float32', async () => {
  const values = [0.1, -2.5, 1e30];
  const expected = Float32Array.from(values);
  assert.deepEqual((await read({ descr: '<f4', shape: [3], values: expected })).data, expected);
  assert.deepEqual(
    (await read({ descr: '<f8', shape: [3], values: Float64Array.from(values) })).data,
    expected,
  );
});

test('half precision is read with its subnormals and infinities', async () => {
  // 1, −2, the largest (65504), the smallest subnormal (2⁻²⁴), −∞, NaN
  const values = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0xfc00, 0x7e00);
  const { data } = await read({ descr: '<f2', shape: [6], values });
  assert.deepEqual([...data], [1, -2, 65504, 2 ** -24, Number.NEGATIVE_INFINITY, Number.NaN]);
});

test('big-endian values are swapped', async () => {
  const values = Buffer.alloc(16);
  values.writeDoubleBE(0.5, 0);
  values.writeDoubleBE(-3, 8);
  assert.deepEqual([...(await read({ descr: '>f8', shape: [2], values })).data], [0.5, -3]);
  const shorts = Buffer.from([0x01, 0x02, 0xff, 0xfe]);
  assert.deepEqual([...(await read({ descr: '>i2', shape: [2], values: shorts })).data], [258, -2]);
});

test('Fortran order is turned into row-major order', async () => {
  // a[i, j, k] = 100 i + 10 j + k
  const shape = [2, 3, 4];
  const columnMajor: number[] = [];
  const rowMajor: number[] = [];
  for (let k = 0; k < 4; k++)
    for (let j = 0; j < 3; j++) for (let i = 0; i < 2; i++) columnMajor.push(100 * i + 10 * j + k);
  for (let i = 0; i < 2; i++)
    for (let j = 0; j < 3; j++) for (let k = 0; k < 4; k++) rowMajor.push(100 * i + 10 * j + k);
  const values = Float32Array.from(columnMajor);
  const { data } = await read({ descr: '<f4', shape, values, fortranOrder: true });
  assert.deepEqual([...data], rowMajor);
});

test('versions 2 and 3 of the header are read', async () => {
  for (const version of [2, 3] as const) {
    const { shape, data } = await read({
      descr: '<f4',
      shape: [1, 2],
      values: Float32Array.of(7, 8),
      version,
    });
    assert.deepEqual(
      [shape, [...data]],
      [
        [1, 2],
        [7, 8],
      ],
    );
  }
});

test('an array without samples is read as empty', async () => {
  const { shape, data } = await read(floats([0, 5], []));
  assert.deepEqual([shape, data.length], [[0, 5], 0]);
});

test('a whole number beyond 32 bits is named with its place', async () => {
  const values = BigInt64Array.of(1n, 2n, 3n, 5_000_000_000n);
  await assertRefuses(
    () => read({ descr: '<i8', shape: [2, 2], values }),
    'arrayRange',
    '5000000000',
    '[1, 1]',
  );
  const unsigned = Uint32Array.of(2 ** 31);
  await assertRefuses(() => read({ descr: '<u4', shape: [1], values: unsigned }), 'arrayRange', '2147483648');
});

for (const descr of ['|O', '<U5', '|S3', '<c8', '<M8[ns]', "[('a', '<f4')]", '<f16', '|V2']) {
  test(`an array of type ${descr} is refused by its type`, async () => {
    const values = new Uint8Array(16);
    await assertRefuses(() => read({ descr, shape: [1], values }), 'arrayDtype', descr);
  });
}

test('a header that claims more or less than the file holds is refused, however much it claims', async () => {
  const values = Float32Array.of(1, 2, 3);
  for (const shape of [[4], [2], [100000, 100000, 100000], [2 ** 53, 2 ** 53]]) {
    await assertRefuses(() => read({ descr: '<f4', shape, values }), 'dataDamaged', 'bytes');
  }
});

test('a truncated file, an empty one, random bytes and a nonsensical header are damaged files', async () => {
  const good = floats([10], new Array(10).fill(1));
  await assertRefuses(() => read(good.subarray(0, good.length - 5)), 'dataDamaged', 'bytes');
  await assertRefuses(() => read(good.subarray(0, 40)), 'dataDamaged', 'header');
  await assertRefuses(() => read(good.subarray(0, 9)), 'dataDamaged', 'header');
  await assertRefuses(() => read(good.subarray(0, 4)), 'dataDamaged', 'NumPy');
  await assertRefuses(() => read(Buffer.alloc(0)), 'dataDamaged', 'empty');
  await assertRefuses(() => read(Buffer.from('GIF89a and so on, not an array')), 'dataDamaged', 'NumPy');
  const nonsense = Buffer.from(good);
  nonsense.write("{'descr': __import__('os')}", 10);
  await assertRefuses(() => read(nonsense), 'dataDamaged', 'header');
  const future = Buffer.from(good);
  future[6] = 9;
  await assertRefuses(() => read(future), 'dataDamaged', 'header');
  // A header of 4 GB
  const long = Buffer.from(good);
  long.set([2, 0, 0xff, 0xff, 0xff, 0xff], 6);
  await assertRefuses(() => read(long), 'dataDamaged', 'header');
});

test('a file that is not there and a folder are told apart', async () => {
  await assertRefuses(() => openNpy('no/such/file.npy'), 'fileNotFound');
  await assertRefuses(() => openNpy('.'), 'dataFormatUnknown');
});

test('reading stops when it is cancelled', async () => {
  const array = await openNpy(write('cancelled.npy', floats([10], new Array(10).fill(1))));
  await assertRefuses(() => array.read(AbortSignal.abort()), 'cancelled');
});

/** A .npy of version 2, whose header may be long, with this text for its shape or for the whole dictionary. */
function withHeader(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  return Buffer.concat([Buffer.from('\x93NUMPY\x02\x00', 'latin1'), length, Buffer.from(text)]);
}
const withShape = (shape: string) =>
  withHeader(`{'descr': '<f4', 'fortran_order': False, 'shape': ${shape}, }`);

const endless: [string, Buffer][] = [
  ['a short number that is none', withShape(`(${'1'.repeat(36)}x)`)],
  ['64 KB of digits', withShape(`(${'1'.repeat(2 ** 16)})`)],
  ['64 KB of digits and no end', withShape(`(${'1'.repeat(2 ** 16)}`)],
  ['64 KB of blanks and no end', withShape(`(${' '.repeat(2 ** 16)}`)],
  ['a hundred thousand axes', withShape(`(${'1,'.repeat(100_000)})`)],
  ['65 axes', withShape(`(${'1,'.repeat(65)})`)],
  ['gaps between its axes', withShape('(3,,4)')],
  ['a type that begins again and again', withHeader("'descr':[".repeat(100_000))],
];
for (const [name, bytes] of endless) {
  test(`a header with ${name} is refused at once`, async () => {
    const withinLimit = processorLimit(1000);
    await assertRefuses(() => openNpy(write('long.npy', bytes)), 'dataDamaged', 'header');
    withinLimit();
  });
}

test('shapes are read as Python 2 and 3 write them', async () => {
  for (const [text, shape] of [
    ['()', []],
    ['(3,)', [3]],
    ['(3L, 4L)', [3, 4]],
    ['( 3 ,4 )', [3, 4]],
    [`(${'1,'.repeat(64)})`, new Array(64).fill(1)],
  ] as const) {
    assert.deepEqual((await openNpy(write('shape.npy', withShape(text)))).shape, shape);
  }
});
