// Keras' two containers under each other's names: a file is what it holds, and keeps its name.
import assert from 'node:assert/strict';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { endingsLike, openModel, probeModel } from '../../../extension/formats/open.ts';
import { writeWhole } from '../../../extension/formats/writeWhole.ts';
import { readMasked } from '../../../extension/model/parameter.ts';
import { writeKerasArchive, writeKerasH5 } from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallArchive, smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { zipBytes } from '../../support/zip.ts';
import { withModel } from './open.ts';
import { listed, tree } from './weightFiles.ts';

const write = scratchFiles();

function free(name: string): string {
  const path = write(name, '');
  rmSync(path);
  return path;
}

/** The file under another name. */
function called(name: string, path: string): string {
  const target = free(name);
  renameSync(path, target);
  return target;
}

const hdf5 = () => writeKerasH5(write('own.h5', ''), smallLegacy());
const archive = () => writeKerasArchive(write('own.keras', ''), smallArchive());
const cases: [string, name: string, () => Promise<string>, format: string, begin: string][] = [
  ['HDF5', 'a.keras', hdf5, 'Keras 2.3.1 HDF5', '\x89HDF'],
  ['HDF5', 'A.KERAS', hdf5, 'Keras 2.3.1 HDF5', '\x89HDF'],
  ['a list of weights', 'b.keras', () => listed(smallLegacy().layers), 'Keras HDF5 weights', '\x89HDF'],
  ['a tree of weights', 'c.keras', () => tree(smallArchive().groups), 'Keras HDF5 weights', '\x89HDF'],
  ['an archive', 'd.h5', archive, 'Keras 3.15.0', 'PK\x03\x04'],
  ['an archive', 'e.hdf5', archive, 'Keras 3.15.0', 'PK\x03\x04'],
  ['an archive', 'f.weights.h5', archive, 'Keras 3.15.0', 'PK\x03\x04'],
];
for (const [what, name, make, format, begin] of cases) {
  describe(`${what} that is called ${name}`, () => {
    test('is opened as what it is', async () => {
      const path = called(name, await make());
      assert.deepEqual(await probeModel(path), { format, recurrentLayers: ['lstm'] });
      await withModel(path, (model) => assert.equal(model.layers[0].hiddenSize, 5));
    });

    test('is written as what it is, and found so again under the temporary name of an output', async () => {
      const path = called(name, await make());
      const output = free(`pruned.${name}`);
      await withModel(path, async (model) => {
        const [kernel] = model.parameters;
        kernel.mask = new Uint8Array(kernel.shape.reduce((a, b) => a * b)).fill(1, 7);
        const expected = await readMasked(kernel);
        await writeWhole(output, async (temporary) => {
          await model.save(temporary, { compress: false });
          const written = await openModel(temporary, model);
          assert.equal(written.format, format);
          assert.deepEqual(await written.parameters[0].read(), expected);
          await written.close();
        });
      });
      assert.equal(readFileSync(output).toString('latin1', 0, 4), begin);
    });
  });
}

test('an output ends like the name of its original, whatever that holds', () => {
  assert.deepEqual(endingsLike('a.keras'), ['.keras']);
  assert.deepEqual(endingsLike('a.h5'), ['.h5', '.hdf5']);
});

test('a zip that is no archive of Keras is no HDF5 file, either', async () => {
  const other = write('other.h5', '');
  writeFileSync(other, zipBytes([{ name: 'data.pkl', bytes: Buffer.from('x') }]));
  const cut = called('cut.h5', await archive());
  writeFileSync(cut, readFileSync(cut).subarray(0, 2000));
  for (const path of [other, cut])
    await assertRefuses(() => withModel(path, () => {}), 'fileDamaged', 'HDF5');
});
