// Files of Keras 2, as TensorFlow's copy of it writes them, with what that computes: masks follow rules of its own.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runPython, scratchFolder } from './environment.ts';
import { forward, largestDifference } from './forward.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

interface Keras2Case {
  readonly name: string;
  readonly inputs: readonly PackedArray[];
  readonly output: PackedArray;
}

const { folder, remove } = await scratchFolder();
after(remove);
const cases = JSON.parse(await runPython('keras2Models.py', [folder])) as Keras2Case[];

for (const { name, inputs, output } of cases) {
  test(`${name}.h5 of Keras 2 puts out what Keras 2 puts out`, async () => {
    const [found] = await forward(join(folder, `${name}.h5`), inputs.map(unpacked));
    const expected = unpacked(output);
    assert.deepEqual(found.shape, expected.shape);
    const difference = largestDifference(found, expected);
    assert.ok(difference <= 1e-5, `largest difference ${difference}`);
  });
}
