import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { runFuzz } from '../support/runFuzz.ts';
import { safetensorsFile, shardedFiles, smallStack } from '../support/safetensorsFile.ts';
import { scratchFiles } from '../support/scratch.ts';

const write = scratchFiles();
const count = 20_000;
const first = 4_000_000;

test(`${count} damaged safetensors files end in a message, never in a hang or a crash`, async () => {
  const good = write('good.safetensors', safetensorsFile(smallStack(), { format: 'pt' }));
  const folder = join(dirname(good), 'damaged');
  mkdirSync(folder);
  await runFuzz({ good, folder, first, count });
});

test(`${count} damaged indices of safetensors files, and files of theirs, end in a message`, async () => {
  const root = dirname(write('x', ''));
  for (const name of ['good', 'damaged-several']) mkdirSync(join(root, name));
  const [good] = Object.entries(shardedFiles(smallStack())).map(([name, bytes]) =>
    write(`good/${name}`, bytes),
  );
  await runFuzz({ good, several: true, folder: join(root, 'damaged-several'), first, count });
});
