// What a file says of itself once hidden units have left it, and that nothing else changes.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { openModel } from '../../../extension/formats/open.ts';
import { readMasked } from '../../../extension/model/parameter.ts';
import { keepOf, type Shrinking } from '../../../extension/model/shrinking.ts';
import { solveShrinking } from '../../../extension/pruning/units/shrink.ts';
import { unitSetsOf } from '../../../extension/pruning/units/unitSets.ts';
import { writeKerasArchive, writeKerasH5 } from '../../support/kerasFile.ts';
import { maskUnit } from '../../support/maskUnits.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallArchive, smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { contentOf, filtersOf, gzip } from './content.ts';
import { archiveFiles, h5ModelFiles } from './modelFiles.ts';
import { withModel } from './open.ts';
import { readEntries } from './zipEntries.ts';

const write = scratchFiles();
const h5Files = h5ModelFiles(write);

/** A path that does not exist, in the scratch folder. */
function free(name: string): string {
  const path = write(name, '');
  rmSync(path);
  return path;
}

interface Saved {
  readonly masked: string;
  readonly shrunk: string;
  readonly shrinking: Shrinking;
}

/** Masks units 0 and 2 of the first layer and saves the model with and without them. */
async function saveWithout(from: string, suffix: string, compress = false): Promise<Saved> {
  const [masked, shrunk] = [free(`masked${suffix}`), free(`shrunk${suffix}`)];
  return withModel(from, async (model) => {
    const [set] = unitSetsOf(model);
    for (const unit of [0, 2]) maskUnit(set, unit);
    const { shrinking } = await solveShrinking(model, readMasked);
    assert.ok(shrinking);
    await model.save(masked, { compress });
    await model.save(shrunk, { compress, shrink: shrinking });
    return { masked, shrunk, shrinking };
  });
}

/** The written file opens with the new sizes and holds what was kept of the masked one. */
async function assertHolds({ masked, shrunk, shrinking }: Saved, size = 3): Promise<void> {
  const whole = await openModel(masked);
  const cut = await openModel(shrunk);
  try {
    assert.deepEqual(
      cut.layers.map(({ hiddenSize }) => hiddenSize),
      [size],
    );
    assert.ok(cut.graph);
    for (const [i, parameter] of whole.parameters.entries()) {
      const { name, shape } = parameter;
      const kept = shrinking.parameters.get(name) ?? shape.map(() => null);
      assert.equal(cut.parameters[i].name, name);
      assert.equal(cut.parameters[i].dtype, parameter.dtype);
      assert.deepEqual(await cut.parameters[i].read(), keepOf(await parameter.read(), shape, kept), name);
    }
  } finally {
    await whole.close();
    await cut.close();
  }
}

/** Of a dataset the type alone, whose values are looked at elsewhere; of an attribute everything. */
function comparable(path: string, content: ReadonlyMap<string, unknown>): unknown {
  const found = content.get(path) as { dtype: unknown };
  return path.includes('@') ? found : found.dtype;
}

for (const name of Object.keys(h5Files).filter((key) => key !== 'float16')) {
  for (const compress of [false, true]) {
    test(`.h5 ${name}${compress ? ', compressed' : ''}: names, types and attributes stay, but for the sizes`, async () => {
      const saved = await saveWithout(await h5Files[name](), '.h5', compress);
      await assertHolds(saved);
      const [before, after] = [await contentOf(saved.masked), await contentOf(saved.shrunk)];
      const config = '/@model_config';
      const [was, is] = [before, after].map((content) => content.get(config) as { value: string });
      assert.equal(is.value, was.value.replace('"units":5', '"units":3'));
      const left = [...before.keys()].filter((path) => !path.startsWith('/optimizer_weights'));
      assert.deepEqual([...after.keys()].sort(), left.sort());
      for (const path of left)
        if (path !== config && path !== '/')
          assert.deepEqual(comparable(path, after), comparable(path, before), path);
    });
  }
}

test('arrays that were compressed are so without half of their units', async () => {
  const { shrunk } = await saveWithout(await h5Files['in compressed chunks'](), '.h5');
  const filters = [...(await filtersOf(shrunk)).values()];
  assert.ok(filters.length > 0);
  for (const { id } of filters) assert.equal(id, gzip);
});

// One with as many groups as the last grows by how they are laid out anew more than it loses.
const fewerBytes = Object.entries(archiveFiles(write)).filter(
  ([key]) => key !== 'of the example' && key !== 'with one number as a weight',
);
for (const [name, make] of fewerBytes) {
  test(`.keras ${name}: of all entries only the weights and the size in the configuration differ`, async () => {
    const saved = await saveWithout(await make(), '.keras');
    await assertHolds(saved);
    const [before, after] = [await readEntries(saved.masked), await readEntries(saved.shrunk)];
    assert.deepEqual(
      after.map(({ name: entry, method, time, date }) => [entry, method, time, date]),
      before.map(({ name: entry, method, time, date }) => [entry, method, time, date]),
    );
    for (const [i, { name: entry, bytes }] of before.entries()) {
      const text = bytes.toString('latin1');
      if (entry === 'model.weights.h5') assert.ok(after[i].bytes.length <= bytes.length);
      else if (entry === 'config.json')
        assert.equal(after[i].bytes.toString('latin1'), text.replace('"units":5', '"units":3'));
      else assert.equal(after[i].bytes.toString('latin1'), text);
    }
  });
}

test('optimizer state of a .keras is left out, as it belongs to other weights', async () => {
  const model = smallArchive();
  const moments = { path: 'optimizer', weights: model.groups[0].weights };
  const from = await writeKerasArchive(write('state.keras', ''), {
    ...model,
    groups: [...model.groups, moments],
  });
  const saved = await saveWithout(from, '.keras');
  assert.deepEqual(
    await Promise.all(
      [from, saved.masked, saved.shrunk].map((path) => withModel(path, (one) => one.hasOptimizerState)),
    ),
    [true, true, false],
  );
});

test('a file that was shrunk can be shrunk again', async () => {
  const first = await saveWithout(await writeKerasH5(write('a.h5', ''), smallLegacy()), '.h5');
  const again = write('again.h5', readFileSync(first.shrunk));
  await assertHolds(await saveWithout(again, '.h5'), 1);
});

test('a file with what the library cannot write is refused by name before the work', async () => {
  await withModel(await h5Files.float16(), async (model) => {
    await assertRefuses(() => model.checkRebuild('shrink'), 'shrinkUnsupported', 'the type <e', 'lstm/');
    await assertRefuses(() => model.checkRebuild('compress'), 'compressUnsupported', 'the type <e', 'lstm/');
  });
  await withModel(await h5Files.float32(), async (model) => {
    await model.checkRebuild('shrink');
    await model.checkRebuild('compress');
  });
});
