// HDF5 files whose arrays lie in other files: HDF5 itself would read there, and pruning would write there.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCli, runPython, scratchFolder } from './environment.ts';

const { folder, remove } = await scratchFolder();
after(remove);
await runPython('otherFiles.py', [folder]);
const others = () => Promise.all(['other.bin', 'other.h5'].map((name) => readFile(join(folder, name))));

for (const kind of ['external', 'virtual', 'link']) {
  test(`of an array that is ${kind} nothing is read or written`, async () => {
    const before = await others();
    const { code, stdout, stderr } = await runCli([
      'prune',
      join(folder, `${kind}.weights.h5`),
      '--sparsity',
      '0.5',
    ]);
    assert.equal(code, 1, stdout);
    assert.match(stderr, /is damaged or incomplete|has no LSTM/);
    assert.deepEqual(await others(), before);
  });
}
