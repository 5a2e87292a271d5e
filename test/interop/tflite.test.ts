// TensorFlow Lite's own interpreter says what models of every recurrent operator put out; our engine must compute the same, and what we
// write must run in it with our values.
import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import { prune } from '../../extension/jobs/prune.ts';
import { runPython, scratchFolder, shared, withoutShared } from './environment.ts';
import { forward, largestDifference } from './forward.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

interface TfliteCase {
  name: string;
  path: string;
  inputs: PackedArray[];
  outputs: PackedArray[];
}

const { folder, remove } = await scratchFolder();
after(remove);
const real = withoutShared === false ? [join(shared, 'models/tflm/trained_lstm.tflite')] : [];
await runPython('tfliteModels.py', [folder, ...real]);
const cases = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')) as TfliteCase[];
const context = { signal: new AbortController().signal, progress: () => {} };

const tolerance = 1e-5;

describe('a TensorFlow Lite model', () => {
  for (const { name, path, inputs, outputs } of cases) {
    test(`${name} puts out what the interpreter puts out`, async () => {
      const [found] = await forward(path, inputs.map(unpacked));
      const expected = unpacked(outputs[0]);
      assert.deepEqual([...found.shape], [...expected.shape]);
      const worst = largestDifference(found, expected);
      assert.ok(worst <= tolerance, `largest difference ${worst}`);
    });

    test(`${name} is saved byte for byte where nothing changes`, async () => {
      const model = await openModel(path);
      try {
        const copy = join(folder, `${name}.copy.tflite`);
        await model.save(copy, { compress: false });
        assert.deepEqual(await readFile(copy), await readFile(path));
      } finally {
        await model.close();
      }
    });
  }
});

test('pruned models run in the interpreter, with the outputs that we compute', async () => {
  const list = join(folder, 'pruned.json');
  const pruned: { path: string; inputs: PackedArray[] }[] = [];
  for (const { name, path, inputs } of cases) {
    const output = join(folder, `${name}.pruned.tflite`);
    const report = await prune({ path, output, recipe: { sparsity: 0.5 } }, context);
    assert.ok(Math.abs(report.after.sparsity - 0.5) < 0.02, `${name}: ${report.after.sparsity}`);
    assert.ok(report.after.divergence, name);
    pruned.push({ path: output, inputs });
  }
  await writeFile(list, JSON.stringify(pruned));
  await runPython('runTflite.py', [list, join(folder, 'prunedOutputs.json')]);
  const results = JSON.parse(await readFile(join(folder, 'prunedOutputs.json'), 'utf8')) as {
    outputs: PackedArray;
  }[];
  for (const [i, { name, inputs }] of cases.entries()) {
    const [found] = await forward(pruned[i].path, inputs.map(unpacked));
    const worst = largestDifference(found, unpacked(results[i].outputs));
    assert.ok(worst <= tolerance, `${name}: largest difference ${worst}`);
    const original = unpacked(cases[i].outputs[0]);
    assert.ok(largestDifference(original, unpacked(results[i].outputs)) > 0.001, `${name} is pruned`);
  }
});

test('the trained model of TensorFlow Lite Micro has its one layer', { skip: withoutShared }, async () => {
  const path = join(folder, 'trained.tflite');
  await copyFile(real[0], path);
  const model = await openModel(path);
  try {
    assert.deepEqual(
      model.layers.map(({ cell, inputSize, hiddenSize }) => ({ cell, inputSize, hiddenSize })),
      [{ cell: 'LSTM', inputSize: 28, hiddenSize: 20 }],
    );
    assert.equal(model.notEvaluable, undefined);
  } finally {
    await model.close();
  }
});
