// An HDF5 file may say that what it holds lies in another file. None but the model's own is opened.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadLibrary, openFile } from '../../../extension/formats/hdf5/library.ts';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { withModel } from './open.ts';

const write = scratchFiles();

test('a layer whose weights are linked from another file is not read, and that file stays closed', async () => {
  const other = await writeKerasH5(write('other.h5', ''), smallLegacy(2));
  const before = readFileSync(other);
  const [lstm, dense] = smallLegacy().layers;
  const path = await writeKerasH5(write('linking.h5', ''), smallLegacy(1, { layers: [dense] }));
  const file = openFile(await loadLibrary(), path, 'a');
  const weights = file.get('model_weights') as typeof file;
  weights.create_external_link(other, '/model_weights/lstm', 'lstm');
  weights.delete_attribute('layer_names');
  weights.create_attribute('layer_names', [lstm.name, dense.name]);
  file.close();
  await assertRefuses(() => withModel(path, () => {}), 'noWeightsForLayer', 'lstm');
  // By a path through the link HDF5 would open the other file itself.
  const linked = openFile(await loadLibrary(), path, 'r');
  assert.throws(() => linked.get('model_weights/lstm/lstm/kernel:0'), /can't open file/);
  linked.close();
  assert.deepEqual(readFileSync(other), before);
});

test('the library opens a file only while it is told to', async () => {
  const path = await writeKerasH5(write('own.h5', ''), smallLegacy());
  const library = await loadLibrary();
  assert.throws(() => new library.h5.File(path, 'r'), /No such file/);
  openFile(library, path, 'r').close();
});
