import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { writeKerasArchive, writeKerasH5 } from '../support/kerasFile.ts';
import { runFuzz } from '../support/runFuzz.ts';
import { scratchFiles } from '../support/scratch.ts';
import { smallArchive, smallLegacy } from '../support/smallModels.ts';
import { smallGraphModel } from '../support/tfjsGraph.ts';
import { quantizedTfjs, smallTfjs, writeTfjs } from '../support/tfjsModel.ts';

const write = scratchFiles();
const count = 20_000;

const makers = {
  h5: () => writeKerasH5(write('good.h5', ''), smallLegacy()),
  keras: () => writeKerasArchive(write('good.keras', ''), smallArchive()),
};

for (const [suffix, make] of Object.entries(makers)) {
  test(`${count} damaged .${suffix} files end in a message, never in a hang or a crash`, async () => {
    const good = await make();
    const folder = join(dirname(good), suffix);
    mkdirSync(folder);
    await runFuzz({ good, folder, first: 1_000_000, count });
  });
}

/** Layers and operations, cut within numbers; one of them with weights in bytes. */
const severalFiles = {
  'layers models of TensorFlow.js': smallTfjs(1, { shardBytes: 33 }),
  'quantised layers models of TensorFlow.js': quantizedTfjs(),
  'graph models of TensorFlow.js': smallGraphModel(),
};
const countOfSeveral = 20_000;

for (const [title, model] of Object.entries(severalFiles)) {
  test(`${countOfSeveral} damaged ${title} end in a message, never in a hang or a crash`, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lstm-pruner-fuzz-'));
    try {
      const good = writeTfjs(join(folder, 'good'), model);
      await runFuzz({ good, several: true, folder, first: 2_000_000, count: countOfSeveral });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
}
