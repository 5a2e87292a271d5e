// Archives of models that are subclasses of keras.Model: their code is in no file, and their weights are told by names and shapes.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { describe, test } from 'node:test';
import { openModel, probeModel } from '../../../extension/formats/open.ts';
import { type ArchiveFile, writeKerasArchive } from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallArchive } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { withModel } from './open.ts';
import { readEntries } from './zipEntries.ts';

const write = scratchFiles();
const { config: layers } = smallArchive();
const listed = (layers as { config: object }).config;

const archive = (config: object, overrides: Partial<ArchiveFile> = {}) =>
  writeKerasArchive(write('own.keras', ''), smallArchive(3, { config, ...overrides }));

function free(name: string): string {
  const path = write(name, '');
  rmSync(path);
  return path;
}

const classes: [string, object, type: string][] = [
  ['with settings of its own', { module: null, class_name: 'Tagger', config: { units: 5 } }, 'Tagger'],
  ['that says nothing of itself', { module: null, class_name: 'Tagger', config: null }, 'Tagger'],
  ['that is called Model, too', { module: null, class_name: 'Model', config: { layers: 2 } }, 'Model'],
  ['made of a Sequential', { module: null, class_name: 'Stack', config: listed }, 'Stack'],
];
for (const [name, config, type] of classes) {
  test(`a class ${name} is inspected by its weights alone`, async () => {
    const path = await archive(config);
    assert.deepEqual(await probeModel(path), { format: 'Keras 3.15.0', recurrentLayers: ['lstm'] });
    await withModel(path, ({ layers: [lstm, ...more], graph, notEvaluable, bytes }) => {
      assert.deepEqual(more, []);
      assert.deepEqual([lstm.name, lstm.cell, lstm.inputSize, lstm.hiddenSize], ['lstm', 'LSTM', 3, 5]);
      assert.equal(graph, undefined);
      assert.deepEqual(notEvaluable?.cause, { code: 'reasonOwnClass', args: { type } });
      assert.equal(bytes, readFileSync(path).length);
    });
  });
}

test('a class whose configuration is that of a network is read as one', async () => {
  const network = { ...listed, input_layers: [['input', 0, 0]], output_layers: [['dense', 0, 0]] };
  const path = await archive({ module: null, class_name: 'Own', config: network });
  await withModel(path, ({ parameters }) => assert.equal(parameters[0].name, 'lstm/kernel'));
});

test('a Sequential that lists no layers is still said to be damaged', async () => {
  const path = await archive({ class_name: 'Sequential', config: { name: 'model' } });
  await assertRefuses(() => withModel(path, () => {}), 'notAModel', 'layers is missing');
});

test('a class without recurrent weights is refused by what is there instead', async () => {
  const { groups } = smallArchive();
  const path = await archive({ class_name: 'Own', config: {} }, { groups: groups.slice(1) });
  for (const look of [probeModel, openModel])
    await assertRefuses(() => look(path), 'noRecurrentLayers', 'dense');
});

describe('written again', () => {
  const own = { module: null, class_name: 'Own', config: { units: 5 } };

  test('unchanged, every entry keeps its bytes', async () => {
    const path = await archive(own);
    const target = free('same.keras');
    await withModel(path, (model) => model.save(target, { compress: false }));
    assert.deepEqual(await readEntries(target), await readEntries(path));
  });

  for (const compress of [false, true]) {
    test(`pruned${compress ? ' and compressed' : ''}, masked weights alone are 0`, async () => {
      const target = free('pruned.keras');
      const path = await archive(own);
      const expected = await withModel(path, async (model) => {
        const { parameter } = model.layers[0].gates[0].recurrent;
        const values = await parameter.read();
        parameter.mask = Uint8Array.from(values, (_, i) => i % 2);
        await model.save(target, { compress });
        const before = await Promise.all(
          model.parameters.map(async (one) => [one.name, await one.read()] as const),
        );
        return before.map(([name, all]) => [
          name,
          name === parameter.name ? all.map((w, i) => w * (i % 2)) : all,
        ]);
      });
      const found = await withModel(target, (model) =>
        Promise.all(model.parameters.map(async (one) => [one.name, await one.read()])),
      );
      assert.deepEqual(
        found,
        expected.map(([name, values]) => [name, positive(values as Float32Array)]),
      );
      const texts = async (from: string) => (await readEntries(from)).slice(0, 2);
      assert.deepEqual(await texts(target), await texts(path));
    });
  }

  test('neither units nor layers leave it', async () => {
    await withModel(await archive(own), async (model) => {
      const refused = () => model.checkRebuild('shrink');
      await assertRefuses(refused, 'shrinkUnsupported', 'own.keras', 'code of its own class, Own');
    });
  });
});

/** Zeros without a sign, as masks leave them. */
function positive(values: Float32Array): Float32Array {
  return values.map((value) => value + 0);
}
