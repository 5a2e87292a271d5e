import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, readFileSync, rmSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { openModel } from '../../../extension/formats/open.ts';
import type { Model } from '../../../extension/model/model.ts';
import { byteSize, readMasked } from '../../../extension/model/parameter.ts';
import { writeKerasArchive } from '../../support/kerasFile.ts';
import { shared, withoutShared } from '../../support/paths.ts';
import { seeded } from '../../support/random.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallArchive } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { contentOf, filtersOf, gzip } from './content.ts';
import { archiveFiles, circuit, extra, h5ModelFiles, predmaint, reber } from './modelFiles.ts';
import { readEntries } from './zipEntries.ts';

const write = scratchFiles();
const h5Files = h5ModelFiles(write);
const archives = archiveFiles(write);

/** A path that does not exist, in the scratch folder. */
function free(name: string): string {
  const path = write(name, '');
  rmSync(path);
  return path;
}

/** Masks about half of the weights of the recurrent layers. */
function maskHalf(model: Model, seed = 5): void {
  const next = seeded(seed);
  for (const { gates } of model.layers) {
    for (const { kernel, recurrent } of gates) {
      for (const { parameter } of [kernel, recurrent]) {
        const size = parameter.shape.reduce((a, b) => a * b, 1);
        parameter.mask ??= Uint8Array.from({ length: size }, () => (next() < 0.5 ? 0 : 1));
      }
    }
  }
}

/** Saves a model with half of its weights masked; gives what every parameter should hold then. */
async function saveHalf(from: string, to: string, compress = false): Promise<Map<string, Float32Array>> {
  const model = await openModel(from);
  try {
    maskHalf(model);
    await model.save(to, { compress });
    const expected = new Map<string, Float32Array>();
    for (const parameter of model.parameters) expected.set(parameter.name, await readMasked(parameter));
    return expected;
  } finally {
    await model.close();
  }
}

async function assertHolds(path: string, expected: ReadonlyMap<string, Float32Array>): Promise<void> {
  const model = await openModel(path);
  try {
    assert.deepEqual(
      new Map(await Promise.all(model.parameters.map(async (p) => [p.name, await p.read()] as const))),
      expected,
    );
  } finally {
    await model.close();
  }
}

/** How many bytes may differ at most: those of the masked values that were not zero. */
async function maskedBytes(path: string): Promise<number> {
  const model = await openModel(path);
  try {
    maskHalf(model);
    let count = 0;
    for (const { mask, dtype } of model.parameters)
      count += (mask?.filter((keep) => keep === 0).length ?? 0) * byteSize[dtype];
    return count;
  } finally {
    await model.close();
  }
}

/** Asserts that two files differ only where one became 0, and there in no more bytes than were masked. */
function assertZeroedOnly(before: Buffer, after: Buffer, most: number): void {
  assert.equal(after.length, before.length);
  let changed = 0;
  for (let i = 0; i < before.length; i++) {
    if (before[i] === after[i]) continue;
    assert.equal(after[i], 0, `byte ${i}`);
    changed++;
  }
  assert.ok(changed > 0 && changed <= most, `${changed} of ${most}`);
}

// A compressed chunk that became smaller lies elsewhere.
const inPlace = Object.entries(h5Files).filter(([name]) => name !== 'in compressed chunks');
for (const [name, make] of inPlace) {
  test(`.h5 ${name}: every byte but the masked values' stays`, async () => {
    const from = await make();
    const before = readFileSync(from);
    const to = free('saved.h5');
    const expected = await saveHalf(from, to);
    assertZeroedOnly(before, readFileSync(to), await maskedBytes(from));
    await assertHolds(to, expected);
    assert.deepEqual(readFileSync(from), before);
  });
}

for (const path of [predmaint, circuit]) {
  const name = path.slice(shared.length + 1);
  test(`${name}: every byte but the masked values' stays`, {
    skip: withoutShared && `skipped: ${withoutShared}`,
  }, async () => {
    const to = free('shared.h5');
    const expected = await saveHalf(path, to);
    assertZeroedOnly(readFileSync(path), readFileSync(to), await maskedBytes(path));
    await assertHolds(to, expected);
  });
}

test('float16 is read as float16', async () => {
  const model = await openModel(await h5Files.float16());
  const [kernel, recurrent] = model.parameters;
  assert.deepEqual([kernel.dtype, recurrent.dtype], ['float16', 'float16']);
  assert.deepEqual(
    [...(await kernel.read())],
    Array.from({ length: 24 }, (_, i) => i / 8 - 1),
  );
  assert.deepEqual(
    [...(await recurrent.read())],
    Array.from({ length: 36 }, (_, i) => i / 16 - 1),
  );
  await model.close();
});

for (const [name, make] of Object.entries(archives)) {
  test(`.keras ${name}: the other entries stay, all STORED, in their order and with their times`, async () => {
    const from = await make();
    const to = free('saved.keras');
    const expected = await saveHalf(from, to);
    const [before, after] = [await readEntries(from), await readEntries(to)];
    assert.deepEqual(
      after.map(({ name: entry, time, date }) => [entry, time, date]),
      before.map(({ name: entry, time, date }) => [entry, time, date]),
    );
    assert.ok(after.every(({ method }) => method === 0));
    for (const [i, entry] of before.entries()) {
      if (entry.name === 'model.weights.h5')
        assertZeroedOnly(entry.bytes, after[i].bytes, await maskedBytes(from));
      else assert.deepEqual(after[i].bytes, entry.bytes);
    }
    await assertHolds(to, expected);
  });
}

test('a further entry that is not what it claims is found before anything is kept', async () => {
  const path = await writeKerasArchive(write('lie.keras', ''), smallArchive(1, { behind: [extra] }));
  const bytes = readFileSync(path);
  bytes[bytes.indexOf('a\nb\n')] ^= 1;
  await assertRefuses(
    () => saveHalf(write('lie.keras', bytes), free('saved.keras')),
    'fileDamaged',
    extra.name,
  );
});

for (const name of ['float32', 'with optimizer state and training configuration', 'in chunks', 'float64']) {
  test(`--compress, .h5 ${name}: the same names, attributes, types and values`, async () => {
    const from = await h5Files[name]();
    const [plain, packed] = [free('plain.h5'), free('packed.h5')];
    await saveHalf(from, plain);
    await assertHolds(packed, await saveHalf(from, packed, true));
    assert.deepEqual(await contentOf(packed), await contentOf(plain));
  });
}

test('--compress packs what gets smaller with gzip, and leaves small arrays alone', async () => {
  const [plain, packed] = [free('plain.keras'), free('packed.keras')];
  await saveHalf(reber, plain);
  await assertHolds(packed, await saveHalf(reber, packed, true));
  const weights = (await readEntries(packed)).find(({ name }) => name === 'model.weights.h5');
  const filters = await filtersOf(write('weights.h5', weights?.bytes ?? ''));
  assert.equal(filters.get('/layers/lstm/cell/vars/1')?.id, gzip);
  for (const { id, size } of filters.values()) if (size < 1024) assert.equal(id, 0);
  const sizes = [packed, plain].map((path) => readFileSync(path).length);
  assert.ok(sizes[0] < sizes[1], `${sizes}`);
});

test('--compress of the shared models keeps all of their content', {
  skip: withoutShared && `skipped: ${withoutShared}`,
}, async () => {
  for (const from of [predmaint, circuit]) {
    const [plain, packed] = [free('plain.h5'), free('packed.h5')];
    await saveHalf(from, plain);
    await assertHolds(packed, await saveHalf(from, packed, true));
    assert.deepEqual(await contentOf(packed), await contentOf(plain));
  }
});

test('--compress of float16 is refused by name, as the library cannot write it', async () => {
  const from = await h5Files.float16();
  await assertRefuses(
    () => saveHalf(from, free('packed.h5'), true),
    'compressUnsupported',
    'the type <e',
    'lstm/',
  );
});

test('a read-only original is pruned into a file that can be written', async () => {
  const from = write('readonly.h5', readFileSync(await h5Files.float32()));
  chmodSync(from, 0o444);
  const to = free('writable.h5');
  await saveHalf(from, to);
  assert.equal(statSync(to).mode & 0o200, 0o200);
});

test('saving to a path that exists is refused', async () => {
  const from = await h5Files.float32();
  await assert.rejects(saveHalf(from, write('there.h5', 'mine')), { code: 'EEXIST' });
  assert.equal(createHash('sha256').update(readFileSync(from)).digest('hex').length, 64);
});
