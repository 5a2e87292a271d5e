import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { PlainContent } from '../../../extension/formats/hdf5/plain/plainContent.ts';
import { ZipArchive } from '../../../extension/formats/zip/archive.ts';
import { messageOf } from '../../../extension/protocol/userError.ts';
import { plainObjects } from '../../support/hdf5Parity.ts';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { root, shared, withoutShared } from '../../support/paths.ts';
import { seeded } from '../../support/random.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

const write = scratchFiles();
const attributes = [
  'model_config',
  'training_config',
  'keras_version',
  'layer_names',
  'weight_names',
  'name',
];

/** The weights of the example, as Keras and h5py wrote them. */
async function exampleWeights(): Promise<string> {
  const zip = await ZipArchive.open(join(root, 'examples/reber/reber.keras'));
  const path = join(write('extracted.txt', ''), '../reber.weights.h5');
  try {
    await zip.extract(zip.entry('model.weights.h5', 2 ** 20), path);
  } finally {
    zip.close();
  }
  return path;
}

const example = await exampleWeights();

describe('a plain HDF5 file is read without the library, and means the same', () => {
  test('the weights of a .keras file', async () => {
    assert.ok(((await plainObjects(example, attributes)) ?? 0) > 10);
  });

  for (const name of ['circuitrnn/gru_model.h5', 'predmaint/binary_model.h5'])
    test(`a real model, ${name}`, { skip: withoutShared }, async () => {
      assert.ok(((await plainObjects(join(shared, 'models', name), attributes)) ?? 0) > 20);
    });
});

describe('the library is asked for', () => {
  test('a file of the newer kind', async () => {
    const path = await writeKerasH5(write('newer.h5', ''), smallLegacy());
    assert.equal(await plainObjects(path, attributes), undefined);
  });

  test('a file whose addresses are of another size', async () => {
    const bytes = Buffer.from(readFileSync(example));
    // Of 4 bytes the first ones are addresses of 0 and of nothing.
    bytes.fill(4, 13, 15).fill(0xff, 28, 32);
    assert.equal(await plainObjects(write('short.h5', bytes), attributes), undefined);
  });

  test('a file that ends before its weights do', async () => {
    const bytes = readFileSync(example);
    const cut = write('cut.h5', bytes.subarray(0, bytes.length - 1));
    assert.equal(await plainObjects(cut, attributes), undefined);
  });
});

test('a text of more bytes than its file has is damage, and takes no memory', async () => {
  const bytes = readFileSync(example);
  // Length, collection and number of each text.
  const collection = Buffer.alloc(8);
  collection.writeBigUInt64LE(BigInt(bytes.indexOf('GCOL')));
  const reference = bytes.indexOf(collection) - 4;
  assert.ok(reference > 0);
  bytes.writeUInt32LE(2 ** 31 - 1, reference);
  const path = write('long.h5', bytes);
  await assertRefuses(() => PlainContent.open(path, path), 'fileDamaged', path);
  assert.ok(process.memoryUsage().rss < 2 ** 30);
});

test('a group whose tree leads to one place twice is damage, as there could be any number of ways through it', async () => {
  const bytes = Buffer.from(readFileSync(example));
  const tree = bytes.indexOf(Buffer.from('TREE\0', 'latin1'));
  bytes.writeUInt16LE(2, tree + 6);
  bytes.copy(bytes, tree + 48, tree + 32, tree + 40);
  const path = write('twice.h5', bytes);
  await assertRefuses(() => PlainContent.open(path, path), 'fileDamaged', path);
});

test('whatever bytes of a file are changed, reading it ends, with what lies in the file or with nothing', async () => {
  const bytes = readFileSync(example);
  const next = seeded(11);
  let read = 0;
  const spent = process.cpuUsage();
  for (let n = 0; n < 1500; n++) {
    const damaged = Buffer.from(bytes);
    for (let changes = 1 + Math.floor(3 * next()); changes > 0; changes--) {
      const at = Math.floor(next() * damaged.length);
      damaged[at] = next() < 0.3 ? [0, 255, 1, 128][Math.floor(4 * next())] : Math.floor(256 * next());
    }
    const path = write(`damaged${n % 10}.h5`, damaged);
    const content = await PlainContent.open(path, path).catch(expectDamaged);
    if (!content) continue;
    read++;
    await readAll(content, '');
    await content.close();
  }
  const { user } = process.cpuUsage(spent);
  // Most bytes are weights or names; but what says where they are is not believed.
  assert.ok(read > 100 && read < 1500, `${read}`);
  assert.ok(user < 60e6, `${user} µs`);
});

function expectDamaged(error: unknown): undefined {
  assert.equal(messageOf(error).code, 'fileDamaged');
  return undefined;
}

async function readAll(content: PlainContent, path: string): Promise<void> {
  if (content.kind(path) === 'weights') await content.read(path);
  for (const name of content.keys(path)) await readAll(content, `${path}/${name}`);
}
