import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { checkKernelsAreOf, kernelSourcesHash } from '../../../extension/engine/wasm/kernelSources.ts';

const scratch = await mkdtemp(join(tmpdir(), 'lstm-pruner-test-'));
after(() => rm(scratch, { recursive: true, force: true }));
const folder = pathToFileURL(`${scratch}/`);
const stamp = new URL('stamp', folder);
const put = (name: string, text: string) => writeFile(join(scratch, name), text);

test('kernels that were not built from their sources as they are do not run from these', async () => {
  const refused = () => assert.rejects(checkKernelsAreOf(folder, stamp), /npm run build/);
  await put('a.ts', 'one');
  await put('b.ts', 'two');
  await refused();
  await put('stamp', `of the compiler\n${await kernelSourcesHash(folder)}\n`);
  await checkKernelsAreOf(folder, stamp);
  await put('tsconfig.json', '{}');
  await checkKernelsAreOf(folder, stamp);
  await put('b.ts', 'Two');
  await refused();
  await put('b.ts', 'two');
  await checkKernelsAreOf(folder, stamp);
  await rename(join(scratch, 'b.ts'), join(scratch, 'c.ts'));
  await refused();
});
