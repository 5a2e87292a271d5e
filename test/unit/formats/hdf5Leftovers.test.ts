import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { Hdf5File } from '../../../extension/formats/hdf5/file.ts';
import { openModel } from '../../../extension/formats/open.ts';
import { inspect } from '../../../extension/jobs/inspect.ts';
import { UserError } from '../../../extension/protocol/userError.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

const write = scratchFiles();

/** The heap of texts cannot be read, which the library notices after it has opened an attribute that lies there. */
function withoutHeap(bytes: Buffer): Buffer {
  const damaged = Buffer.from(bytes);
  const at = damaged.indexOf('GCOL');
  assert.notEqual(at, -1);
  damaged.write('XXXX', at);
  return damaged;
}

/** A system gives the lowest number that is free. */
function nextDescriptor(path: string): number {
  const descriptor = openSync(path, 'r');
  closeSync(descriptor);
  return descriptor;
}

describe('an HDF5 file that could not be read', () => {
  test('leaves nothing open', async () => {
    const good = await writeKerasH5(write('good.h5', ''), smallLegacy());
    const damaged = write('damaged.h5', withoutHeap(readFileSync(good)));
    const attempt = () => assertRefuses(() => inspect({ path: damaged }, recordedContext()), 'fileDamaged');
    await attempt();
    const before = nextDescriptor(good);
    for (let n = 0; n < 20; n++) await attempt();
    assert.equal(nextDescriptor(good), before);
  });

  test('leaves nothing on the stack of the library, which is full some time', async () => {
    const good = await writeKerasH5(write('good.h5', ''), smallLegacy());
    const damaged = write('damaged.h5', withoutHeap(readFileSync(good)));
    for (let n = 0; n < 200; n++) {
      const file = await Hdf5File.open(damaged);
      for (let time = 0; time < 16; time++)
        assert.throws(() => file.attribute('/', 'model_config'), UserError);
      await file.close();
    }
    await inspect({ path: good }, recordedContext());
  });

  test('is read as it stands when it was replaced in its place', async () => {
    const first = readFileSync(await writeKerasH5(write('first.h5', ''), smallLegacy()));
    const { layers, ...others } = smallLegacy(2);
    const renamed = layers.map((layer) => ({ ...layer, name: `${layer.name}_2` }));
    const config = JSON.stringify(others.config).replaceAll(/"name":"(lstm|dense)"/g, '"name":"$1_2"');
    const second = await writeKerasH5(write('second.h5', ''), { ...others, layers: renamed, config });

    const path = write('replaced.h5', withoutHeap(first));
    await assertRefuses(() => openModel(path), 'fileDamaged');
    writeFileSync(path, readFileSync(second));
    const model = await openModel(path);
    try {
      assert.deepEqual(
        model.layers.map(({ name }) => name),
        ['lstm_2'],
      );
    } finally {
      await model.close();
    }
  });
});
