// Keras' archives of models that are subclasses, and its two containers under each other's names: real Keras loads what was pruned.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { PruneReport } from '../../extension/protocol/report.ts';
import { runCliJson, runPython, scratchFolder } from './environment.ts';

const { folder, remove } = await scratchFolder();
after(remove);
const names = JSON.parse(await runPython('subclassed.py', [folder])) as string[];

/** Recurrent layers that each file holds, as we count them; whether its layers say what it computes. */
const expected: Record<string, [layers: number, evaluable: boolean]> = {
  'tagger.keras': [4, false],
  'tagger.h5': [4, false],
  'model.keras': [2, false],
  'stack.keras': [1, false],
  'hdf5.keras': [2, true],
  'archive.h5': [2, true],
  'encoder.keras': [2, false],
  'encoder.h5': [2, false],
  'twice.keras': [1, false],
  'twice.h5': [1, false],
};
assert.deepEqual(names, Object.keys(expected));

const data = ['--data', join(folder, 'data.npz')];
const reports: PruneReport[] = [];
for (const name of names) {
  const flags = ['--sparsity', '0.6', '--scope', 'gate', ...data];
  reports.push(await runCliJson<PruneReport>(['prune', join(folder, name), ...flags]));
}
const pairs = names.flatMap((name, i) => [join(folder, name), reports[i].output]);
const judgements = JSON.parse(await runPython('subclassed.py', ['judge', ...pairs])) as {
  readonly problems: readonly string[];
  readonly loss: number;
}[];

for (const [i, name] of names.entries()) {
  describe(name, () => {
    const [layers, evaluable] = expected[name];
    const { after: pruned, output } = reports[i];

    test('all recurrent layers are found', () => assert.equal(pruned.layers.length, layers));

    test('Keras loads the pruned one: every gate lost its smallest weights, and its outputs are theirs', () => {
      assert.deepEqual(judgements[i].problems, []);
    });

    test(evaluable ? 'its loss is the one that Keras measures' : 'its loss is not measured', () => {
      const loss = pruned.loss;
      if (!evaluable) assert.equal(loss, undefined);
      else
        assert.ok(
          Math.abs((loss ?? Number.NaN) - judgements[i].loss) <= 1e-5 * judgements[i].loss,
          `${loss}`,
        );
    });

    test('it is called like the original and holds the same container', async () => {
      assert.equal(output.split('.').at(-1), name.split('.').at(-1));
      const begin = async (file: string) => (await readFile(file)).subarray(0, 4);
      assert.deepEqual(await begin(output), await begin(join(folder, name)));
    });
  });
}
