// HDF5 files of Keras and h5py: the plain reader reads what these write by themselves, and leaves the rest to the library.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { plainObjects } from '../support/hdf5Parity.ts';
import { runPython, scratchFolder } from './environment.ts';

const { folder, remove } = await scratchFolder();
after(remove);
const others = JSON.parse(await runPython('hdf5Files.py', [folder])) as string[];
const attributes = ['model_config', 'training_config', 'keras_version', 'layer_names', 'weight_names'].concat(
  ['backend', 'dtype', 'name', 'numbers', 'text'],
);

describe('what they write by themselves is read plainly, and as the library reads it', () => {
  for (const [name, least] of Object.entries({
    'model.h5': 40,
    'model.weights.h5': 40,
    'types.h5': 10,
    'wide.h5': 701,
    'attributes.h5': 2,
  }))
    test(name, async () => {
      const objects = await plainObjects(join(folder, name), attributes);
      assert.ok(objects !== undefined && objects >= least, `${objects}`);
    });
});

describe('what needs the library is left to it', () => {
  for (const name of others)
    test(name, async () => assert.equal(await plainObjects(join(folder, name), attributes), undefined));
});
