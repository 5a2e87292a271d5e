// State dicts in several files of PyTorch, which an index lists.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openModel, probeModel } from '../../../extension/formats/open.ts';
import { freeOutputName } from '../../../extension/formats/outputName.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallTorch } from '../../support/smallTorch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { torchZip } from '../../support/torchFile.ts';
import { shardNames as names, writeTorchShards } from '../../support/torchShards.ts';
import { withModel } from './open.ts';

const root = dirname(scratchFiles()('x', ''));
let count = 0;

/** In a folder of its own. */
function shards(changedPlaces: object = {}, prefix = ''): string {
  const folder = join(root, String(count++));
  mkdirSync(folder);
  return writeTorchShards(folder, changedPlaces, prefix);
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

test('of a folder of transformers the weights are opened, whatever else of PyTorch lies in it', async () => {
  const folder = join(root, String(count++));
  mkdirSync(folder);
  const bytes = torchZip(smallTorch('checkpoint'));
  for (const name of ['optimizer.pt', 'pytorch_model.bin', 'training_args.bin'])
    writeFileSync(join(folder, name), bytes);
  await withModel(folder, async ({ path }) => assert.equal(path, join(folder, 'pytorch_model.bin')));
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
