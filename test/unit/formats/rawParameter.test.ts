import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FileBytes } from '../../../extension/formats/bytes/fileBytes.ts';
import { editRaw, rawParameter } from '../../../extension/formats/bytes/rawParameter.ts';
import type { DType, Parameter } from '../../../extension/model/parameter.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

const write = scratchFiles();

/** Three bytes that belong to nobody, then the values, then another. */
const before = Buffer.from('abc');
const after = Buffer.from('z');

async function open(bytes: Buffer, rest: Pick<Parameter, 'shape' | 'dtype' | 'quantization'>) {
  const file = await FileBytes.open(write('raw', Buffer.concat([before, bytes, after])));
  return { file, parameter: rawParameter({ ...rest, name: 'w', trainable: true, file, at: before.length }) };
}

const cases: [DType, Buffer, number[]][] = [
  ['float32', Buffer.from(Float32Array.of(1.5, -2, 0.25).buffer), [1.5, -2, 0.25]],
  ['float64', Buffer.from(Float64Array.of(1.5, -2, 0.25).buffer), [1.5, -2, 0.25]],
  ['float16', Buffer.from(Uint16Array.of(0x3e00, 0xc000, 0x3400).buffer), [1.5, -2, 0.25]],
  ['bfloat16', Buffer.from(Uint16Array.of(0x3fc0, 0xc000, 0x3e80).buffer), [1.5, -2, 0.25]],
];
for (const [dtype, bytes, values] of cases) {
  test(`${dtype} values are read where they lie, and edited there with all else as it was`, async () => {
    const { file, parameter } = await open(bytes, { shape: [3], dtype });
    try {
      assert.deepEqual([...(await parameter.read())], values);
      parameter.mask = Uint8Array.of(1, 0, 1);
      parameter.trained = Float32Array.of(1.5, 9, 0.5);
      const copy = write('copy', '');
      copyFileSync(file.path, copy);
      let steps = 0;
      await editRaw(copy, [parameter], 'm', async () => void steps++);
      assert.equal(steps, 1);
      const written = readFileSync(copy);
      assert.deepEqual(written.subarray(0, 3), before);
      assert.deepEqual(written.subarray(-1), after);
      const again = await FileBytes.open(copy);
      assert.deepEqual([...(await rawParameter({ ...parameter, file: again }).read())], [1.5, 0, 0.5]);
      await again.close();
    } finally {
      await file.close();
    }
  });
}

test('integers are read by their scale and zero point, along an axis', async () => {
  const quantization = { scale: [0.5, 2], zeroPoint: [0, -1], axis: 0 };
  const { file, parameter } = await open(Buffer.from(Int8Array.of(3, -4, 0, -1).buffer), {
    shape: [2, 2],
    dtype: 'int8',
    quantization,
  });
  try {
    assert.deepEqual([...(await parameter.read())], [1.5, -2, 2, 0]);
    parameter.trained = Float32Array.of(0.75, 500, 3.1, -400);
    parameter.mask = Uint8Array.of(1, 1, 0, 1);
    const copy = write('copy8', '');
    copyFileSync(file.path, copy);
    await editRaw(copy, [parameter], 'm');
    // 0.75 / 0.5 lies between 1 and 2, and 2 is even; the masked value gets the zero point; what is beyond int8 gets its end.
    assert.deepEqual([...new Int8Array(readFileSync(copy).subarray(3, 7))], [2, 127, -1, -128]);
  } finally {
    await file.close();
  }
});

test('what lies beyond the end of the file is damage, and nothing is allocated for it', async () => {
  const file = await FileBytes.open(write('short', 'abc'));
  try {
    await assertRefuses(() => file.read(0, 2 ** 50), 'fileDamaged', 'short');
    await assertRefuses(() => file.read(2, 2), 'fileDamaged');
    await assertRefuses(() => file.read(-1, 1), 'fileDamaged');
    await assertRefuses(() => file.read(Number.NaN, 1), 'fileDamaged');
    assert.equal((await file.read(3, 0)).length, 0);
  } finally {
    await file.close();
  }
});

test('trained values that the type cannot hold are refused before they are written', async () => {
  const { file, parameter } = await open(Buffer.alloc(6), { shape: [3], dtype: 'float16' });
  try {
    parameter.trained = Float32Array.of(1, 70000, 0);
    const copy = write('copy16', '');
    copyFileSync(file.path, copy);
    await assertRefuses(() => editRaw(copy, [parameter], 'm.pt'), 'trainedNotFinite', 'm.pt', 'float16');
    assert.deepEqual(readFileSync(copy), readFileSync(file.path));
  } finally {
    await file.close();
  }
});
