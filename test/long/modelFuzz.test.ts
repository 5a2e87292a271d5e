import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { writeKerasArchive, writeKerasH5 } from '../support/kerasFile.ts';
import { runFuzz } from '../support/runFuzz.ts';
import { scratchFiles } from '../support/scratch.ts';
import { smallArchive, smallLegacy } from '../support/smallModels.ts';

const write = scratchFiles();
const count = 10_000;

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
