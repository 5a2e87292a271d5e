// State dicts in several files of PyTorch, which an index lists.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openModel, probeModel } from '../../../extension/formats/open.ts';
import { freeOutputName } from '../../../extension/formats/outputName.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { floats, tensor, torchZip } from '../../support/torchFile.ts';
import { withModel } from './open.ts';

const root = dirname(scratchFiles()('x', ''));
let count = 0;

const shapes = { weight_ih_l0: [8, 3], weight_hh_l0: [8, 2], bias_ih_l0: [8], bias_hh_l0: [8] };
const names = ['pytorch_model-00001-of-00002.bin', 'pytorch_model-00002-of-00002.bin'];

/** An LSTM of two units whose matrices lie in one file and its biases in the other. */
function shards(changedPlaces: object = {}, prefix = ''): string {
  const folder = join(root, String(count++));
  mkdirSync(folder);
  const entries = Object.entries(shapes).map(([name, shape]) => [`${prefix}rnn.${name}`, shape] as const);
  for (const [i, file] of names.entries()) {
    const own = entries.slice(i * 2, i * 2 + 2).map(([name, shape]) => {
      const numel = shape.reduce((a, b) => a * b, 1);
      return { name, numel, value: tensor({ storage: name, numel, shape }) };
    });
    writeFileSync(
      join(folder, file),
      torchZip({
        saved: new Map(own.map(({ name, value }) => [name, value])),
        storages: Object.fromEntries(
          own.map(({ name, numel }) => [name, floats(...Array.from({ length: numel }, (_, n) => n + 1))]),
        ),
      }),
    );
  }
  const places = Object.fromEntries(entries.map(([name], i) => [name, names[i >> 1]]));
  const path = join(folder, 'pytorch_model.bin.index.json');
  const index = { metadata: { total_size: 224 }, weight_map: { ...places, ...changedPlaces } };
  writeFileSync(path, JSON.stringify(index));
  return path;
}

for (const prefix of ['', 'module.'])
  test(`files of one index are one model${prefix && ', whatever wrapped it'}`, async () => {
    const path = shards({}, prefix);
    assert.deepEqual(await probeModel(path), { format: 'PyTorch', recurrentLayers: ['rnn.l0'] });
    await withModel(dirname(path), async ({ layers, parameters, files, folder }) => {
      assert.deepEqual(files, [path, ...names.map((name) => join(path, '..', name))]);
      assert.equal(folder, 'pytorch_model.bin.index.json');
      assert.deepEqual([layers[0].inputSize, layers[0].hiddenSize], [3, 2]);
      const [first] = parameters;
      assert.equal((await first.read())[5], 6);
    });
    assert.equal(await freeOutputName({ path, folder: 'x' }), `${path.slice(0, -15)}.pruned`);
  });

test('only the files that change are written otherwise, and the index stays', async () => {
  const path = shards();
  const target = join(root, String(count++));
  const model = await openModel(path);
  const matrix = model.parameters.find(({ name }) => name === 'rnn.weight_hh_l0');
  assert.ok(matrix);
  matrix.mask = Uint8Array.from({ length: 16 }, (_, i) => i % 2);
  await model.save(target, { compress: false });
  await model.close();
  const same = (name: string) =>
    readFileSync(join(target, name)).equals(readFileSync(join(path, '..', name)));
  assert.deepEqual(['pytorch_model.bin.index.json', ...names].map(same), [true, false, true]);
  await withModel(target, async ({ parameters }) => {
    const written = parameters.find(({ name }) => name === 'rnn.weight_hh_l0');
    assert.deepEqual([...((await written?.read()) ?? [])].slice(0, 4), [0, 2, 0, 4]);
  });
});

test('an index that leads out of its folder, or to what is not there, is refused', async () => {
  for (const name of ['../a.bin', '/etc/passwd.bin', '..\\a.bin', '.bin', 'a.safetensors'])
    await assertRefuses(() => openModel(shards({ 'rnn.x': name })), 'fileDamaged');
  await assertRefuses(() => openModel(shards({ 'rnn.x': 'missing.bin' })), 'fileNotFound', 'missing.bin');
  await assertRefuses(() => openModel(shards({ 'rnn.x': names[0] })), 'fileDamaged', 'rnn.x', names[0]);
});
