import assert from 'node:assert/strict';
import { linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertFails, json } from './command.ts';
import { commandFiles } from './commandFiles.ts';

const { inPlace } = await commandFiles();

test('convert writes the format that --out ends in, with the outputs of the original', async () => {
  await inPlace(async ({ model, folder, files }) => {
    const original = readFileSync(model);
    for (const [out, format] of [
      ['m.onnx', 'ONNX'],
      ['m.keras', 'Keras 3'],
      ['web/model.json', 'TensorFlow.js'],
    ]) {
      const report = await json(['convert', model, '--out', join(folder, out)]);
      assert.match(String(report.format), new RegExp(format.split(' ')[0]));
      assert.ok((report.divergence as { value: number }).value <= 1e-7, out);
    }
    assert.deepEqual(files(), ['m.keras', 'm.onnx', 'model.h5', 'web']);
    assert.deepEqual(readFileSync(model), original);
  });
});

test('convert without --out is a usage error', async () => {
  await inPlace(async ({ model, files }) => {
    await assertFails(['convert', model], 2, '--out');
    assert.deepEqual(files(), ['model.h5']);
  });
});

test('convert to an ending that it does not write is a usage error that names those that it does, whatever the model is', async () => {
  await inPlace(async ({ model, folder, files }) => {
    for (const name of ['m.pt', 'm', 'my-model.json'])
      for (const source of [model, join(folder, 'absent.h5')])
        await assertFails(
          ['convert', source, '--out', join(folder, name)],
          2,
          '.onnx',
          '.keras',
          'model.json',
        );
    assert.deepEqual(files(), ['model.h5']);
  });
});

test('convert refuses the original, by whatever name, and what is there already', async () => {
  await inPlace(async ({ model, folder, files }) => {
    const keras = join(folder, 'm.keras');
    await json(['convert', model, '--out', keras]);
    const original = readFileSync(keras);
    await assertFails(['convert', keras, '--out', keras, '--force'], 1, 'original');
    linkSync(keras, join(folder, 'same.keras'));
    await assertFails(['convert', keras, '--out', join(folder, 'same.keras'), '--force'], 1, 'original');
    await assertFails(['convert', model, '--out', keras], 1, 'm.keras', '--force');
    assert.deepEqual(readFileSync(keras), original);
    await json(['convert', model, '--out', keras, '--force']);
    assert.deepEqual(files(), ['m.keras', 'model.h5', 'same.keras']);
  });
});

test('convert takes no folder of other things for a model, nor the one that the original is in', async () => {
  await inPlace(async ({ model, folder }) => {
    mkdirSync(join(folder, 'mine'));
    writeFileSync(join(folder, 'mine', 'a.txt'), 'mine');
    await assertFails(['convert', model, '--out', join(folder, 'mine', 'model.json'), '--force'], 1, 'mine');
    await assertFails(['convert', model, '--out', join(folder, 'model.json'), '--force'], 1, 'original');
    assert.equal(readFileSync(join(folder, 'mine', 'a.txt'), 'utf8'), 'mine');
  });
});
