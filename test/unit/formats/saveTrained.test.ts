import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { loadLibrary, openFile } from '../../../extension/formats/hdf5/library.ts';
import type { Model } from '../../../extension/model/model.ts';
import { type Parameter, readMasked, sizeOf } from '../../../extension/model/parameter.ts';
import { roundTo } from '../../../extension/model/rounding.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { contentOf } from './content.ts';
import { archiveFiles, h5ModelFiles } from './modelFiles.ts';
import { withModel } from './open.ts';
import { readEntries } from './zipEntries.ts';

const write = scratchFiles();
const h5Files = h5ModelFiles(write);
const archives = archiveFiles(write);

function free(name: string): string {
  const path = write(name, '');
  rmSync(path);
  return path;
}

type Change = (parameter: Parameter, index: number) => void | Promise<void>;

/** Saves a model after `change` was at each of its parameters; gives what each should hold then. */
async function saveChanged(from: string, to: string, change: Change, compress = false) {
  return withModel(from, async (model) => {
    for (const [i, parameter] of model.parameters.entries()) await change(parameter, i);
    await model.save(to, { compress });
    const expected = new Map<string, Float32Array>();
    for (const parameter of model.parameters) expected.set(parameter.name, await readMasked(parameter));
    return expected;
  });
}

const valuesOf = (path: string) =>
  withModel(path, async (model: Model) => {
    const values = new Map<string, Float32Array>();
    for (const parameter of model.parameters) values.set(parameter.name, await parameter.read());
    return values;
  });

/** New values everywhere, and masks on half of the kernels. */
function trainAll(): Change {
  const next = seeded(12);
  return (parameter) => {
    const size = sizeOf(parameter.shape);
    parameter.trained = randomFloats(size, next);
    if (parameter.shape.length === 2)
      parameter.mask = Uint8Array.from({ length: size }, () => (next() < 0.5 ? 0 : 1));
  };
}

for (const [name, make] of [...Object.entries(h5Files), ...Object.entries(archives)]) {
  const suffix = name in h5Files ? 'h5' : 'keras';
  for (const compress of [false, true]) {
    // The HDF5 library cannot create half floats anew.
    if (compress && name === 'float16') continue;
    test(`.${suffix} ${name}${compress ? ', --compress' : ''}: trained values, masked ones exactly 0`, async () => {
      const to = free(`trained.${suffix}`);
      const expected = await saveChanged(await make(), to, trainAll(), compress);
      assert.deepEqual(await valuesOf(to), expected);
      const kernel = [...expected].find(([parameter]) => parameter.endsWith('recurrent_kernel'))?.[1];
      assert.ok(kernel?.some((value) => value === 0) && kernel.some((value) => value !== 0));
    });
  }
}

const restorable = Object.entries(h5Files).filter(
  ([name]) => name !== 'in compressed chunks' && name !== 'float64',
);
for (const [name, make] of restorable) {
  test(`.h5 ${name}: trained and then set back, the file is the original byte for byte`, async () => {
    const from = await make();
    const original = await valuesOf(from);
    const [trained, back] = [free('trained.h5'), free('back.h5')];
    await saveChanged(from, trained, trainAll());
    assert.notDeepEqual(readFileSync(trained), readFileSync(from));
    await saveChanged(trained, back, (parameter) => {
      parameter.trained = original.get(parameter.name) as Float32Array;
    });
    assert.deepEqual(readFileSync(back), readFileSync(from));
  });
}

test('.keras: trained and then set back, every entry is the original’s', async () => {
  const from = await archives['as Keras writes it']();
  const original = await valuesOf(from);
  const [trained, back] = [free('trained.keras'), free('back.keras')];
  await saveChanged(from, trained, trainAll());
  await saveChanged(trained, back, (parameter) => {
    parameter.trained = original.get(parameter.name) as Float32Array;
  });
  assert.deepEqual(
    (await readEntries(back)).map(({ name, bytes }) => [name, bytes]),
    (await readEntries(from)).map(({ name, bytes }) => [name, bytes]),
  );
  const sizes = [from, trained, back].map((path) => readFileSync(path).length);
  assert.equal(new Set(sizes).size, 1, `${sizes}`);
});

test('a model may be saved again with other weights', async () => {
  const from = await archives['as Keras writes it']();
  const [first, second] = [free('first.keras'), free('second.keras')];
  await withModel(from, async (model) => {
    const [kernel] = model.parameters;
    kernel.trained = new Float32Array(sizeOf(kernel.shape)).fill(1);
    await model.save(first, { compress: true });
    kernel.trained = kernel.trained.map(() => 2);
    await model.save(second, { compress: true });
  });
  assert.deepEqual(new Set((await valuesOf(first)).get('lstm/kernel')), new Set([1]));
  assert.deepEqual(new Set((await valuesOf(second)).get('lstm/kernel')), new Set([2]));
});

for (const name of ['float32', 'with optimizer state and training configuration', 'in compressed chunks']) {
  test(`.h5 ${name}: only what was trained changes`, async () => {
    const from = await h5Files[name]();
    const to = free('trained.h5');
    await saveChanged(from, to, (parameter) => {
      if (parameter.name === 'lstm/bias') parameter.trained = new Float32Array(20).fill(0.5);
    });
    const [before, after] = [await contentOf(from), await contentOf(to)];
    const changed = [...before.keys()].filter((key) => !isSame(before.get(key), after.get(key)));
    assert.deepEqual([...after.keys()], [...before.keys()]);
    assert.deepEqual(changed, ['/model_weights/lstm/lstm/bias:0']);
  });
}

function isSame(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

test('a float64 that training left as it was keeps its precision', async () => {
  const from = await h5Files.float64();
  const to = free('double.h5');
  const expected = await saveChanged(from, to, async (parameter) => {
    parameter.trained = (await parameter.read()).map((value, i) => (i === 1 ? 0.1 : value));
  });
  assert.deepEqual(await valuesOf(to), expected);
  const key = '/model_weights/lstm/lstm/kernel:0';
  const [before, after] = [from, to].map(
    async (path) => ((await contentOf(path)).get(key) as { value: Float64Array }).value,
  );
  const [original, written] = [await before, await after];
  assert.equal(written[1], Math.fround(0.1));
  assert.deepEqual([...written].with(1, original[1]), [...original]);
});

test('a masked float64 below what a float32 can hold becomes 0, too', async () => {
  const from = await h5Files.float64();
  const tiny = free('tiny.h5');
  const to = free('masked.h5');
  await saveChanged(from, tiny, () => {});
  const { h5 } = await loadLibrary();
  const file = openFile(await loadLibrary(), tiny, 'a');
  const path = '/model_weights/lstm/lstm/bias:0';
  (file.get(path) as InstanceType<typeof h5.Dataset>).write_slice(
    [[0, 20]],
    new Float64Array(20).fill(1e-300),
  );
  file.close();
  await saveChanged(tiny, to, (parameter) => {
    if (parameter.name !== 'lstm/bias') return;
    parameter.trained = new Float32Array(20);
    parameter.mask = new Uint8Array(20).fill(1, 10);
  });
  const { value } = (await contentOf(to)).get(path) as { value: Float64Array };
  assert.deepEqual([...value], [...new Array(10).fill(0), ...new Array(10).fill(1e-300)]);
});

test('values that the file’s type cannot hold are refused by the parameter’s name', async () => {
  const train = (value: number) => (parameter: Parameter) => {
    if (parameter.name === 'lstm/kernel')
      parameter.trained = new Float32Array(sizeOf(parameter.shape)).fill(value);
  };
  const from = await h5Files.float16();
  await saveChanged(from, free('largest.h5'), train(65504));
  await assertRefuses(
    () => saveChanged(from, free('a.h5'), train(65520)),
    'trainedNotFinite',
    'lstm/kernel',
    'float16',
  );
  const single = await h5Files.float32();
  await assertRefuses(
    () => saveChanged(single, free('b.h5'), train(Number.NaN)),
    'trainedNotFinite',
    'lstm/kernel',
  );
});

test('what a saved file gives back is the trained value rounded to its type', async () => {
  await withModel(await h5Files.float16(), async ({ parameters: [kernel] }) => {
    kernel.trained = Float32Array.from({ length: sizeOf(kernel.shape) }, (_, i) => i / 3);
    kernel.mask = new Uint8Array(kernel.trained.length).fill(1, 4);
    const expected = roundTo(kernel.trained, kernel).fill(0, 0, 4);
    assert.deepEqual(await readMasked(kernel), expected);
    assert.equal(kernel.trained[1], Math.fround(1 / 3));
  });
});
