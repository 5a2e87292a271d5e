import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { after, test } from 'node:test';
import { evaluate } from '../../../extension/jobs/evaluate.ts';
import { inspect } from '../../../extension/jobs/inspect.ts';
import { probe } from '../../../extension/jobs/probe.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import type { MessageCode } from '../../../extension/protocol/messages.ts';
import { leftScratch, placeOf, recordedContext } from '../../support/jobContext.ts';
import { writeHdf5, writeKerasArchive, writeKerasH5 } from '../../support/kerasFile.ts';
import { processorLimit } from '../../support/processorLimit.ts';
import { randomBytes, seeded, wholeBelow } from '../../support/random.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallArchive, smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses, messageFrom } from '../../support/throwsCode.ts';
import { zipBytes } from '../../support/zip.ts';

const write = scratchFiles();
const modelSuffixes = ['.h5', '.hdf5', '.keras'] as const;
const dataSuffixes = ['.npz', '.npy', '.csv'] as const;

after(() => assert.deepEqual(leftScratch(), []));

/** Lets every job meet the file: each must refuse it in words, within two seconds, and leave it alone. */
async function assertEveryJobRefuses(path: string, code?: MessageCode): Promise<void> {
  const before = readFileSync(path);
  for (const job of [
    () => inspect({ path }, recordedContext()),
    () => prune({ path, recipe: { sparsity: 0.5 } }, recordedContext()),
    () => evaluate({ path, data: { data: 'data.npz' } }, recordedContext()),
  ]) {
    const withinLimit = processorLimit(2000);
    const error = await errorOf(job);
    const message = await messageFrom(() => Promise.reject(error));
    if (code !== undefined) assert.equal(message.code, code, JSON.stringify(message));
    // Its sentence is whole.
    await assertRefuses(() => Promise.reject(error), message.code);
    withinLimit();
  }
  assert.deepEqual(readFileSync(path), before);
}

async function errorOf(job: () => Promise<unknown>): Promise<unknown> {
  try {
    await job();
  } catch (error) {
    return error;
  }
  return assert.fail('expected an error');
}

async function wholeModel(suffix: (typeof modelSuffixes)[number], name: string): Promise<string> {
  const path = write(name + suffix, '');
  return suffix === '.keras' ? writeKerasArchive(path, smallArchive()) : writeKerasH5(path, smallLegacy());
}

for (const suffix of modelSuffixes) {
  test(`truncated ${suffix} files are refused at every length`, async () => {
    const good = readFileSync(await wholeModel(suffix, 'whole'));
    const next = seeded(41);
    const lengths = [
      1,
      7,
      8,
      9,
      100,
      good.length - 1,
      ...Array.from({ length: 10 }, () => 1 + wholeBelow(good.length - 1, next)),
    ];
    for (const length of lengths) {
      await assertEveryJobRefuses(write(`cut${suffix}`, good.subarray(0, length)), 'fileDamaged');
    }
  });

  test(`random bytes and nothing at all are no ${suffix}`, async () => {
    const next = seeded(42);
    for (const length of [0, 1, 8, 100, 5000]) {
      await assertEveryJobRefuses(write(`noise${suffix}`, randomBytes(length, next)), 'fileDamaged');
    }
  });

  test(`random bytes behind the signature of ${suffix} are no model`, async () => {
    const next = seeded(43);
    const head = suffix === '.keras' ? Buffer.from('PK\x03\x04') : Buffer.from('\x89HDF\r\n\x1a\n', 'latin1');
    for (let n = 0; n < 5; n++) {
      await assertEveryJobRefuses(
        write(`noise${suffix}`, Buffer.concat([head, randomBytes(3000, next)])),
        'fileDamaged',
      );
    }
  });

  test(`a folder called x${suffix} and a file that is not there are told apart`, async () => {
    const folder = write(`x${suffix}`, '');
    rmSync(folder);
    await assertRefuses(() => inspect({ path: folder }, recordedContext()), 'fileNotFound', folder);
    mkdirSync(folder);
    for (const job of [probe, inspect]) {
      await assertRefuses(() => job({ path: folder }, recordedContext()), 'formatUnknown', folder);
    }
    await assertRefuses(
      () => prune({ path: folder, recipe: { sparsity: 0.5 } }, recordedContext()),
      'formatUnknown',
    );
  });
}

for (const suffix of dataSuffixes) {
  test(`a ${suffix} given as model, and random or truncated ${suffix} as data, are refused`, async () => {
    const next = seeded(44);
    const model = await wholeModel('.h5', 'model');
    await assertEveryJobRefuses(write(`noise${suffix}`, randomBytes(3000, next)), 'formatUnknown');
    for (const content of [
      Buffer.alloc(0),
      randomBytes(10, next),
      randomBytes(3000, next),
      Buffer.from('PK\x05\x06'),
      Buffer.from('a,b\n1'),
    ]) {
      const data = write(`noise${suffix}`, content);
      const options = suffix === '.npy' ? { x: data, y: data } : { data };
      const place = placeOf(model);
      const message = await messageFrom(() =>
        prune({ path: place.model, recipe: { sparsity: 0.5, ...options } }, recordedContext()),
      );
      assert.notEqual(message.code, 'internal');
      assert.deepEqual(place.files(), ['model.h5']);
      place.remove();
    }
  });
}

test('an HDF5 file that is no model says what is missing', async () => {
  const other = write('other.h5', '');
  await writeHdf5(other, (root) => root.create_dataset({ name: 'x', data: Float32Array.of(1, 2) }));
  await assertEveryJobRefuses(other, 'notAModel');
});

test('a heap of texts at which the HDF5 library would loop for ever is refused before it is asked', async () => {
  const good = readFileSync(await wholeModel('.h5', 'heap'));
  const first = good.indexOf('GCOL') + 16;
  // Free space of no size; an object whose size in 32 bits is 0.
  const emptied = Buffer.from(good).fill(0, first, first + 16);
  const huge = Buffer.from(good);
  huge.writeBigUInt64LE(2n ** 42n, first + 8);
  for (const bytes of [emptied, huge]) {
    await assertEveryJobRefuses(write('heap.h5', bytes), 'fileDamaged');
  }
});

test('a zip archive that is no model says what is missing', async () => {
  const path = write('photos.keras', zipBytes([{ name: 'a.jpg', bytes: Buffer.from('jpg') }]));
  await assertEveryJobRefuses(path, 'fileDamaged');
});

test('a model without recurrent layers names its layers', async () => {
  const [, dense] = smallLegacy().layers;
  const config = {
    class_name: 'Sequential',
    config: [{ class_name: 'Dense', config: { name: 'dense', units: 2 } }],
  };
  const path = await writeKerasH5(write('dense.h5', ''), { config, layers: [dense] });
  await assertEveryJobRefuses(path, 'noRecurrentLayers');
  await assertRefuses(() => probe({ path }, recordedContext()), 'noRecurrentLayers', 'dense (Dense)');
});

const configs: [string, string][] = [
  ['no JSON', 'LSTM(5)'],
  ['a list', '[1]'],
  ['deeply nested', '['.repeat(200_000)],
  ['of wrong types', '{"class_name": "Functional", "config": {"layers": "none"}}'],
];
for (const [name, config] of configs) {
  test(`a configuration that is ${name} is no model, in either format`, async () => {
    // An attribute of HDF5 holds 64 kB.
    if (config.length < 60_000) {
      await assertEveryJobRefuses(
        await writeKerasH5(write('c.h5', ''), smallLegacy(1, { config })),
        'notAModel',
      );
    }
    await assertEveryJobRefuses(
      await writeKerasArchive(write('c.keras', ''), smallArchive(1, { config })),
      'notAModel',
    );
  });
}

test('metadata that is no JSON, or null, is no model', async () => {
  const { readZip } = await import('../../support/readZip.ts');
  const whole = await readZip(await writeKerasArchive(write('whole.keras', ''), smallArchive()));
  for (const text of ['LSTM(5)', 'null', '']) {
    const entries = [...whole].map(([name, bytes]) => ({
      name,
      bytes: name === 'metadata.json' ? Buffer.from(text) : bytes,
    }));
    await assertEveryJobRefuses(write('meta.keras', zipBytes(entries)), 'notAModel');
  }
});

test('configurations whose values are of any type are refused or read, never an inner error', async () => {
  const original = smallLegacy();
  const next = seeded(45);
  const odd = [null, true, -1, 2.5, 1e300, '', 'x', [], [[]], {}, [null], { class_name: 'x' }, '__proto__'];
  const path = write('odd.h5', '');
  for (let n = 0; n < 150; n++) {
    const config = structuredClone(original.config) as Record<string, unknown>;
    // Walks down at random and replaces what it comes to.
    let place: Record<string, unknown> = config;
    for (;;) {
      const keys = Object.keys(place);
      const key = keys[wholeBelow(keys.length, next)];
      const value = place[key];
      if (typeof value === 'object' && value !== null && Object.keys(value).length > 0 && next() < 0.85) {
        place = value as Record<string, unknown>;
        continue;
      }
      place[key] = odd[wholeBelow(odd.length, next)];
      break;
    }
    await writeKerasH5(path, { ...original, config });
    try {
      const output = `${path}.out.h5`;
      await prune({ path, recipe: { sparsity: 0.5 }, output, force: true }, recordedContext());
    } catch (error) {
      await assertRefuses(() => Promise.reject(error), (await messageFrom(() => Promise.reject(error))).code);
    }
  }
});

test('an archive whose entries would leave its folder is refused', async () => {
  const whole = smallArchive(1, { before: [{ name: '../outside.txt', bytes: Buffer.from('x') }] });
  await assertEveryJobRefuses(await writeKerasArchive(write('outside.keras', ''), whole), 'fileDamaged');
});
