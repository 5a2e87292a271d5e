// Files of weights alone: Keras loads what the command line pruned into the model that they are of, and finds our zeros.
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import { runCliJson, runPython, scratchFolder } from './environment.ts';

const { folder, remove } = await scratchFolder();
after(remove);
const names = JSON.parse(await runPython('weightFiles.py', [folder])) as string[];

/** Layers that each file holds, as we count them. */
const layerCounts: Record<string, number> = {
  'everything.weights.h5': 8,
  'shards/everything.weights.json': 8,
  'convolutions.weights.h5': 3,
  'subclassed.weights.h5': 1,
  'half.weights.h5': 1,
  'keras2_stack.h5': 5,
  'keras2_nested.hdf5': 4,
  'keras2_convolution.h5': 1,
};

interface Report {
  readonly output: string;
  readonly after: { readonly layers: readonly unknown[] };
}

const results = new Map<string, Report>();
for (const name of names) {
  const flags = ['--sparsity', '0.6', '--scope', 'gate'];
  results.set(name, await runCliJson<Report>(['prune', join(folder, name), ...flags]));
}
const pairs = names.flatMap((name) => [join(folder, name), results.get(name)?.output ?? '']);
const problems = JSON.parse(await runPython('weightFiles.py', ['judge', ...pairs])) as string[][];

for (const [i, name] of names.entries()) {
  describe(name, () => {
    test('all recurrent layers are found', () => {
      assert.equal(results.get(name)?.after.layers.length, layerCounts[name]);
    });

    test('Keras loads the pruned one, and every gate lost its smallest weights and nothing else', () => {
      assert.deepEqual(problems[i], []);
    });

    test('saved unchanged it is the same bytes', async () => {
      const target = join(folder, `same${i}`);
      const model = await openModel(join(folder, name));
      await model.save(target, { compress: false });
      await model.close();
      const files = model.folder ? await readdir(target) : [''];
      assert.equal(files.length, model.files?.length ?? 1);
      for (const file of files) {
        const original = model.folder ? join(dirname(join(folder, name)), file) : join(folder, name);
        assert.deepEqual(await readFile(join(target, file)), await readFile(original), file);
      }
    });
  });
}
