import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { runFuzz } from '../support/runFuzz.ts';
import { scratchFiles } from '../support/scratch.ts';
import { smallTorch } from '../support/smallTorch.ts';
import { torchLegacy, torchZip } from '../support/torchFile.ts';

const write = scratchFiles();
const count = 20_000;

const files = {
  zip: torchZip(smallTorch('checkpoint')),
  legacy: torchLegacy(smallTorch('checkpoint')),
  module: torchZip(smallTorch('module')),
};

for (const [kind, bytes] of Object.entries(files)) {
  test(`${count} damaged files of PyTorch (${kind}) end in a message, never in a hang or a crash`, async () => {
    const good = write(`${kind}.pt`, bytes);
    const folder = join(dirname(good), kind);
    mkdirSync(folder);
    await runFuzz({ good, folder, first: 3_000_000, count });
  });
}
