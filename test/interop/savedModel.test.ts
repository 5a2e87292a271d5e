// SavedModels of real TensorFlow: what we write of them, TensorFlow loads and serves, its checksums verified.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import { prune } from '../../extension/jobs/prune.ts';
import { runPython, scratchFolder } from './environment.ts';
import { largestDifference } from './forward.ts';
import { type PackedArray, packed, unpacked } from './packedArray.ts';

const { folder, remove } = await scratchFolder();
after(remove);
await runPython('savedModels.py', ['make', folder]);
type Variables = Record<string, PackedArray>;
const cases = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')) as Record<string, Variables>;
const context = { signal: new AbortController().signal, progress: () => {} };
const inputs = packed({
  shape: [2, 5, 3],
  data: Float32Array.from({ length: 30 }, (_, i) => Math.sin(i)),
});

const expected: Record<string, [string, string][]> = {
  lstm: [['LSTM', 'forward']],
  bidirectional_gru: [
    ['GRU', 'forward'],
    ['GRU', 'backward'],
  ],
  stacked: [
    ['LSTM', 'forward'],
    ['RNN', 'forward'],
  ],
  named: [['LSTM', 'forward']],
  trained: [
    ['LSTM', 'forward'],
    ['RNN', 'forward'],
  ],
};

describe('a SavedModel', () => {
  for (const [name, layers] of Object.entries(expected)) {
    test(`${name} has its recurrent layers, and the values that TensorFlow reads`, async () => {
      const model = await openModel(join(folder, name));
      try {
        assert.deepEqual(
          model.layers.map(({ cell, direction }) => [cell, direction]),
          layers,
        );
        const values = Object.values(cases[name]).map((array) => unpacked(array));
        for (const parameter of model.parameters) {
          const own = await parameter.read();
          const same = values.some(
            (one) => one.shape.join() === parameter.shape.join() && one.data.every((v, i) => v === own[i]),
          );
          assert.ok(same, parameter.name);
        }
      } finally {
        await model.close();
      }
    });
  }

  test('is served pruned, with every copy of a variable alike and all else as it was', async () => {
    const list: { path: string; inputs: PackedArray }[] = [];
    const half = 0.5;
    for (const name of Object.keys(expected)) {
      const output = join(folder, `${name}.half`);
      const report = await prune({ path: join(folder, name), output, recipe: { sparsity: half } }, context);
      assert.equal(report.output, join(output, 'saved_model.pb'));
      assert.ok(Math.abs(report.after.sparsity - half) < 0.01, `${name}: ${report.after.sparsity}`);
      list.push({ path: join(folder, name), inputs }, { path: output, inputs });
    }
    const [asked, answered] = [join(folder, 'list.json'), join(folder, 'judged.json')];
    await writeFile(asked, JSON.stringify(list));
    await runPython('savedModels.py', ['judge', asked, answered]);
    const results = JSON.parse(await readFile(answered, 'utf8')) as {
      variables: Variables;
      outputs: PackedArray;
    }[];
    for (const [i, name] of Object.keys(expected).entries()) {
      const [before, now] = results.slice(2 * i);
      assert.ok(
        largestDifference(unpacked(before.outputs), unpacked(now.outputs)) > 1e-3,
        `${name} puts out the same`,
      );
      const zeros: Record<string, number> = {};
      for (const [key, array] of Object.entries(now.variables)) {
        const [was, is] = [unpacked(before.variables[key]), unpacked(array)];
        if (key.startsWith('optimizer/_variables/')) {
          assert.deepEqual(is, was, key);
          continue;
        }
        for (const [at, value] of is.data.entries()) assert.ok(value === 0 || value === was.data[at], key);
        // Neither a bias of two rows nor a dense layer's matrix.
        const kernel = is.shape.length === 2 && is.shape[0] > 2 && is.shape[1] > 4;
        if (kernel) zeros[key] = is.data.filter((value) => value === 0).length / is.data.length;
      }
      // Some hold more and some less, but all lose some: also what is stored a second time.
      for (const [key, share] of Object.entries(zeros))
        assert.ok(share > 0.2, `${name}: ${key} has ${share} zeros`);
    }
  });

  test('is copied byte for byte where nothing changes', async () => {
    const model = await openModel(join(folder, 'lstm'));
    try {
      const copy = join(folder, 'copy');
      await model.save(copy, { compress: false });
      for (const file of model.files ?? []) {
        const relative = file.slice(join(folder, 'lstm').length + 1);
        assert.deepEqual(await readFile(join(copy, relative)), await readFile(file), relative);
      }
    } finally {
      await model.close();
    }
  });
});
