import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadLibrary, openFile } from '../../../extension/formats/hdf5/library.ts';
import { openModel } from '../../../extension/formats/open.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import { verifyWritten } from '../../../extension/jobs/verify.ts';
import { readMasked } from '../../../extension/model/parameter.ts';
import type { Shrinking } from '../../../extension/model/shrinking.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { solveShrinking } from '../../../extension/pruning/units/shrink.ts';
import { unitSetsOf } from '../../../extension/pruning/units/unitSets.ts';
import { leftScratch, placeOf, recordedContext } from '../../support/jobContext.ts';
import { writeKerasArchive, writeKerasH5 } from '../../support/kerasFile.ts';
import { maskUnit } from '../../support/maskUnits.ts';
import { floats, integers } from '../../support/npy.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { small, smallArchive, smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { npzBytes } from '../../support/zip.ts';

const write = scratchFiles();
const makers = {
  '.h5': () => writeKerasH5(write('model.h5', ''), smallLegacy(1, { optimizer: true })),
  '.keras': () => writeKerasArchive(write('model.keras', ''), smallArchive()),
};
const halved: Recipe = { granularity: 'unit', criterion: 'l2', sparsity: 0.4, shrink: true };

async function pruned(model: string, recipe: Recipe) {
  const place = placeOf(model);
  try {
    const report = await prune({ path: place.model, recipe }, recordedContext());
    const written = await openModel(report.output);
    try {
      return {
        report,
        sizes: written.layers.map(({ hiddenSize }) => hiddenSize),
        bytes: statSync(report.output).size,
      };
    } finally {
      await written.close();
    }
  } finally {
    place.remove();
  }
}

for (const [suffix, make] of Object.entries(makers)) {
  test(`${suffix}: pruned units leave the file, and the report says how many stay`, async () => {
    const model = await make();
    const { report, sizes, bytes } = await pruned(model, halved);
    assert.deepEqual(sizes, [3]);
    assert.deepEqual(report.shrink, { layers: [{ name: 'lstm', before: 5, after: 3 }], frozen: [] });
    const { after } = report;
    assert.equal(after.layers[0].hiddenSize, 3);
    assert.equal(after.sizes.file, bytes);
    // 4 gates of 3 units over 3 inputs and 3 units, a bias each, and the dense layer.
    assert.equal(after.sizes.parameters, 4 * 3 * (3 + 3 + 1) + 2 * (3 + 1));
    assert.equal(after.sparsity, 0);
    assert.equal(after.reduction, 1 - (4 * 3 * (3 + 3)) / (4 * 5 * (3 + 5)));
    assert.deepEqual(report.pruned, after);
    const codes = report.notes.map(({ code }) => code);
    assert.ok(codes.includes('noteShrunk') && !codes.includes('noteNoSpeedUp'));
    assert.equal(codes.includes('noteOptimizerLeftOut'), suffix === '.h5');
    assert.ok(!codes.includes('noteOptimizerState'));
  });

  test(`${suffix}: without its units a model is as far from the original as with them masked`, async () => {
    const model = await make();
    const [shrunk, masked] = [await pruned(model, halved), await pruned(model, { ...halved, shrink: false })];
    const [a, b] = [shrunk, masked].map(({ report }) => report.after.divergence?.value as number);
    assert.ok(b > 0 && Math.abs(a - b) <= 1e-6 * b, `${a}, ${b}`);
    assert.equal(masked.report.shrink, undefined);
    assert.deepEqual(masked.sizes, [5]);
  });
}

test('a model that was fine-tuned shrinks with what it learned', async () => {
  const next = seeded(6);
  const { steps, inputs, classes } = small;
  const x = floats([40, steps, inputs], randomFloats(40 * steps * inputs, next));
  const y = integers(
    [40],
    Array.from({ length: 40 }, () => Math.floor(next() * classes)),
  );
  const data = write('data.npz', npzBytes({ x, y }));
  const recipe: Recipe = { ...halved, data, epochs: 2, learningRate: 0.05 };
  const { report, sizes } = await pruned(await makers['.h5'](), recipe);
  assert.deepEqual(sizes, [3]);
  assert.ok(report.finetune);
  assert.equal(report.pruned.layers[0].hiddenSize, 3);
  assert.equal(report.pruned.sizes.parameters, report.after.sizes.parameters);
  assert.notEqual(report.pruned.loss, report.after.loss);
  assert.deepEqual(leftScratch(), []);
});

test('what could not be written smaller is refused before anything is pruned', async () => {
  const file = await makers['.h5']();
  const edited = openFile(await loadLibrary(), file, 'a');
  edited.create_soft_link('/nowhere', 'lost');
  edited.close();
  const place = placeOf(file);
  try {
    const context = recordedContext();
    await assertRefuses(
      () => prune({ path: place.model, recipe: halved }, context),
      'shrinkUnsupported',
      '/lost',
    );
    assert.deepEqual(
      context.seen.map(({ stage }) => stage).filter((stage) => stage !== 'open'),
      [],
    );
    assert.equal(place.files().length, 1);
  } finally {
    place.remove();
  }
});

test('a shrunk file that is not what was meant is found', async () => {
  const original = await openModel(await makers['.keras']());
  const [set] = unitSetsOf(original);
  for (const unit of [0, 2]) maskUnit(set, unit);
  const { shrinking } = await solveShrinking(original, readMasked);
  assert.ok(shrinking);
  const path = join(write('x', ''), '..', 'shrunk.keras');
  await original.save(path, { compress: false, shrink: shrinking });
  const written = await openModel(path);
  const verified = (meant?: Shrinking) =>
    verifyWritten(original, written, 'out.keras', recordedContext(), meant);
  try {
    await verified(shrinking);
    // The other units instead: of the same number, and of another one.
    const swap = (units: number[]) => ({
      ...shrinking,
      parameters: new Map(shrinking.parameters).set('dense/kernel', [units, null]),
    });
    for (const units of [
      [0, 3, 4],
      [1, 3],
    ])
      await assertRefuses(() => verified(swap(units)), 'verificationFailed', 'dense/kernel');
    await assertRefuses(() => verified(), 'verificationFailed', 'lstm/kernel');
  } finally {
    await written.close();
    await original.close();
  }
});
