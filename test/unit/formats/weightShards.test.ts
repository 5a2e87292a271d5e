// Weights of Keras 3 in several files, which a JSON file lists.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openModel, probeModel } from '../../../extension/formats/open.ts';
import { freeOutputName } from '../../../extension/formats/outputName.ts';
import { type ArchiveGroup, archiveWeightsBytes, writeHdf5 } from '../../support/kerasFile.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { weight, withModel } from './open.ts';
import { numbered } from './weightFiles.ts';

const folder = mkdtempSync(join(tmpdir(), 'lstm-pruner-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const vars = '/layers/lstm/cell/vars';

/** Writes shards and their list into a folder of their own; gives the list's path. */
async function shards(parts: readonly (readonly ArchiveGroup[])[], map?: unknown): Promise<string> {
  const own = join(folder, String(count++));
  mkdirSync(own);
  const names = parts.map((_, i) => `m_0000${i}.weights.h5`);
  for (const [i, groups] of parts.entries())
    writeFileSync(join(own, names[i]), await archiveWeightsBytes(join(own, 'part'), groups));
  const list = join(own, 'm.weights.json');
  writeFileSync(
    list,
    JSON.stringify(map === undefined ? { metadata: { total_size: 1 }, weight_map: { [vars]: names } } : map),
  );
  return list;
}

const [kernel, recurrentKernel, bias] = numbered(4, 3, 8);
const dense = { path: 'layers/dense', weights: [weight('', 2, 1), weight('', 1)] };

/** A layer whose arrays lie in two files, as Keras cuts them where a file is full. */
async function cutLayer(): Promise<string> {
  const list = await shards([[{ path: 'layers/lstm/cell', weights: [kernel, recurrentKernel] }], [dense]]);
  await addArray(join(list, '../m_00001.weights.h5'), '2', bias.values);
  return list;
}

/** Adds an array to the layer's group in a shard. */
async function addArray(shard: string, name: string, values: ArrayLike<number>): Promise<void> {
  const { loadLibrary, openFile } = await import('../../../extension/formats/hdf5/library.ts');
  const file = openFile(await loadLibrary(), shard, 'a');
  const data = Float32Array.from(values);
  file
    .create_group('layers/lstm')
    .create_group('cell')
    .create_group('vars')
    .create_dataset({ name, data, shape: [data.length] });
  file.close();
}

test('a layer whose arrays lie in two files is one layer', async () => {
  const list = await cutLayer();
  assert.deepEqual(await probeModel(list), { format: 'Keras HDF5 weights', recurrentLayers: ['lstm'] });
  await withModel(list, async (model) => {
    assert.deepEqual(
      model.parameters.map(({ name, shape }) => [name, shape]),
      [
        ['dense/0', [2, 1]],
        ['dense/1', [1]],
        ['lstm/kernel', [3, 8]],
        ['lstm/recurrent_kernel', [2, 8]],
        ['lstm/bias', [8]],
      ],
    );
    const [{ gates }] = model.layers;
    assert.deepEqual(await gates[0].biases[0].parameter.read(), Float32Array.from(bias.values));
    assert.equal(model.files?.length, 3);
    assert.equal(
      model.bytes,
      model.files?.reduce((sum, file) => sum + readFileSync(file).length, 0),
    );
  });
});

test('it is saved into a folder that opens like the list, and unchanged is the same bytes', async () => {
  const list = await cutLayer();
  const target = await freeOutputName({ path: list, folder: 'm.weights.json' });
  assert.equal(target, list.replace('.weights.json', '.pruned'));
  await withModel(list, (model) => model.save(target, { compress: false }));
  assert.deepEqual(readdirSync(target).sort(), [
    'm.weights.json',
    'm_00000.weights.h5',
    'm_00001.weights.h5',
  ]);
  for (const name of readdirSync(target))
    assert.deepEqual(readFileSync(join(target, name)), readFileSync(join(list, '..', name)), name);
  const opened = await openModel(target);
  assert.equal(opened.path, join(target, 'm.weights.json'));
  await opened.close();
});

for (const compress of [false, true]) {
  test(`it is pruned where each array lies${compress ? ', compressed' : ''}`, async () => {
    const list = await cutLayer();
    const target = join(list, '../out');
    await withModel(list, async (model) => {
      for (const parameter of model.parameters) {
        const values = await parameter.read();
        parameter.mask = Uint8Array.from(values, (_, i) => (i % 2 === 0 ? 0 : 1));
      }
      await model.save(target, { compress });
      await withModel(target, async (pruned) => {
        for (const [i, parameter] of pruned.parameters.entries()) {
          const before = await model.parameters[i].read();
          assert.deepEqual(
            await parameter.read(),
            before.map((value, k) => (k % 2 === 0 ? 0 : value)),
          );
        }
      });
    });
  });
}

const whole = [[{ path: 'layers/lstm/cell', weights: [kernel, recurrentKernel, bias] }]];
for (const name of ['../m.weights.h5', '/etc/hosts', 'a\\b', '..', '', '.']) {
  test(`a list that names ${JSON.stringify(name)} is refused: it is not in its folder`, async () => {
    const list = await shards(whole, { weight_map: { [vars]: ['m_00000.weights.h5', name] } });
    await assertRefuses(() => openModel(list), 'fileDamaged', 'outside its own folder');
  });
}

test('a file that is listed and not there, or is a folder, is named', async () => {
  const list = await shards(whole, {
    weight_map: { [vars]: ['m_00000.weights.h5'], '/x/vars': 'gone.weights.h5' },
  });
  await assertRefuses(() => openModel(list), 'fileDamaged', 'gone.weights.h5');
  mkdirSync(join(list, '../gone.weights.h5'));
  await assertRefuses(() => openModel(list), 'fileDamaged', 'gone.weights.h5');
});

test('JSON that lists no weights is of no format', async () => {
  for (const json of [{}, { weight_map: [] }, { weight_map: null }, [], null, 'text'])
    await assertRefuses(
      async () => openModel(await shards(whole, json)),
      'contentUnexpected',
      'm.weights.json',
    );
});

test('of an array that two files have the first counts, as in Keras', async () => {
  const list = await shards([whole[0], [dense]]);
  await addArray(join(list, '../m_00001.weights.h5'), '2', new Float32Array(8));
  await withModel(list, async ({ layers: [layer] }) => {
    assert.deepEqual(await layer.gates[0].biases[0].parameter.read(), Float32Array.from(bias.values));
  });
});

test('files of nothing but numbers elsewhere have no layers', async () => {
  const list = await shards([[dense]]);
  await writeHdf5(join(list, '../m_00000.weights.h5'), () => {});
  await assertRefuses(() => openModel(list), 'noRecurrentLayers');
});
