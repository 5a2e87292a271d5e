import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { prune } from '../../../extension/jobs/prune.ts';
import { render } from '../../../extension/jobs/render.ts';
import { fill } from '../../../extension/protocol/labels.ts';
import { pruneReport } from '../../fixtures/pruneReport.ts';
import { leftScratch, recordedContext } from '../../support/jobContext.ts';
import { type LegacyFile, writeKerasArchive, writeKerasH5 } from '../../support/kerasFile.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { type SmallDisk, smallDisk, withoutDisks } from '../../support/smallDisk.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

const write = scratchFiles();
const skip = withoutDisks();

/** LSTM(32) over [4, 32]: about 35 kB of weights. */
const kernel = { shape: [32, 128], values: randomFloats(4096, seeded(1)) };
const config = {
  class_name: 'Sequential',
  config: {
    name: 's',
    layers: [
      {
        class_name: 'LSTM',
        config: {
          name: 'lstm',
          units: 32,
          use_bias: false,
          activation: 'tanh',
          batch_input_shape: [null, 4, 32],
        },
      },
    ],
  },
};
const makers = {
  '.h5': () => {
    const weights = ['lstm/kernel:0', 'lstm/recurrent_kernel:0'].map((name) => ({ ...kernel, name }));
    const file: LegacyFile = { config, kerasVersion: '2.3.1', layers: [{ name: 'lstm', weights }] };
    return writeKerasH5(write('model.h5', ''), file);
  },
  '.keras': () =>
    writeKerasArchive(write('model.keras', ''), {
      config,
      groups: [{ path: 'layers/lstm/cell', name: 'lstm', weights: [kernel, kernel] }],
    }),
};

async function onDisk(kilobytes: number, use: (disk: SmallDisk) => Promise<void>): Promise<void> {
  const disk = smallDisk(kilobytes);
  assert.ok(disk);
  try {
    await use(disk);
  } finally {
    disk.remove();
  }
}

for (const suffix of ['.h5', '.keras'] as const) {
  for (const compress of [false, true]) {
    const recipe = { sparsity: 0.5, compress };
    const name = `${suffix}${compress ? ' --compress' : ''}`;

    test(`${name}: a full disk is said, the original stays, nothing is left behind`, { skip }, async () => {
      const from = await makers[suffix]();
      // Room for the model and less than half of another.
      await onDisk(Math.ceil(statSync(from).size / 1024) + 12, async ({ folder }) => {
        const path = join(folder, basename(from));
        copyFileSync(from, path);
        await assertRefuses(
          () => prune({ path, recipe }, recordedContext()),
          'diskFull',
          `model.pruned${suffix}`,
        );
        assert.deepEqual(readdirSync(folder), [basename(from)]);
        assert.deepEqual(readFileSync(path), readFileSync(from));
        assert.deepEqual(leftScratch(), []);
      });
    });

    test(`${name}: a read-only folder is said, and another output works`, { skip }, async () => {
      const from = await makers[suffix]();
      await onDisk(200, async ({ folder, makeReadOnly }) => {
        const path = join(folder, basename(from));
        copyFileSync(from, path);
        makeReadOnly();
        await assertRefuses(
          () => prune({ path, recipe }, recordedContext()),
          'readOnly',
          `model.pruned${suffix}`,
        );
        assert.deepEqual(readdirSync(folder), [basename(from)]);
        const output = `${from}.elsewhere${suffix}`;
        await prune({ path, recipe, output, force: true }, recordedContext());
        assert.ok(statSync(output).size > 0);
        assert.deepEqual(leftScratch(), []);
      });
    });
  }
}

for (const format of ['html', 'markdown', 'json'] as const) {
  test(`a ${format} report on a full or read-only disk is said, and nothing is left behind`, {
    skip,
  }, async () => {
    const reader = { t: fill, locale: 'en' };
    await onDisk(4, async ({ folder, makeReadOnly }) => {
      const path = join(folder, `report.${format}`);
      // A page is taken already.
      copyFileSync(write('page', Buffer.alloc(4096)), join(folder, 'page'));
      await assertRefuses(() => render({ report: pruneReport(), format, path }, reader), 'diskFull', path);
      makeReadOnly();
      await assertRefuses(() => render({ report: pruneReport(), format, path }, reader), 'readOnly', path);
      assert.deepEqual(readdirSync(folder), ['page']);
    });
  });
}
