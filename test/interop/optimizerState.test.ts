// Files that hold the state of an optimizer: after whatever is done to the model, its owner loads it compiled and trains on. The state is
// kept bit for bit where the weights keep their sizes, and else left out, which the report says.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { prune } from '../../extension/jobs/prune.ts';
import type { Recipe } from '../../extension/protocol/recipe.ts';
import { recordedContext } from '../support/jobContext.ts';
import { runPython, scratchFolder } from './environment.ts';

interface Judgement {
  /** That the optimizer has taken, by what was loaded. */
  readonly steps: number;
  /** Sum of the magnitudes of its moments. */
  readonly moments: number;
  /** Of one more step, and of the one behind it. */
  readonly loss: number;
  readonly again: number;
  readonly warnings: readonly string[];
  readonly error?: string;
}

const { folder, remove } = await scratchFolder();
after(remove);
await runPython('optimizerFiles.py', ['make', folder]);
const data = { data: join(folder, 'data.npz'), split: 'all' as const, batch: 8 };
const files = [
  ...['adam', 'amsgrad', 'sgd', 'rmsprop'].flatMap((name) => [`${name}.keras`, `${name}.h5`]),
  ...['keras2_adam.h5', 'keras2_rmsprop.h5'],
];

/** What is done to each file, and whether the state still fits. */
const recipes: Record<string, { recipe: Recipe; kept: boolean }> = {
  pruned: { recipe: { sparsity: 0.5 }, kept: true },
  compressed: { recipe: { sparsity: 0.5, compress: true }, kept: true },
  trained: { recipe: { sparsity: 0.5, epochs: 1, learningRate: 0.01, ...data }, kept: true },
  shrunk: { recipe: { sparsity: 0.5, granularity: 'unit', shrink: true }, kept: false },
  shrunkAndTrained: {
    recipe: { sparsity: 0.5, granularity: 'unit', shrink: true, epochs: 1, learningRate: 0.01, ...data },
    kept: false,
  },
  withoutLayer: { recipe: { granularity: 'layer', sparsity: 0, targets: { middle: 1 } }, kept: false },
};

const jobs: { file: string; how: string; output: string; notes: readonly string[] }[] = [];
for (const file of files)
  for (const [how, { recipe }] of Object.entries(recipes)) {
    const output = join(folder, `${file.slice(0, -extname(file).length)}.${how}${extname(file)}`);
    const { notes } = await prune({ path: join(folder, file), recipe, output }, recordedContext());
    jobs.push({ file, how, output, notes: notes.map(({ code }) => code) });
  }
const list = join(folder, 'list.json');
await writeFile(
  list,
  JSON.stringify([...files.map((file) => join(folder, file)), ...jobs.map(({ output }) => output)]),
);
const judged = JSON.parse(await runPython('optimizerFiles.py', ['judge', list])) as Judgement[];

/** Keras 3 says so of a `.keras` whose state was left out. */
const leftOut = /^Skipping variable loading for optimizer/;

for (const [i, file] of files.entries()) {
  describe(file, () => {
    const original = judged[i];
    test('as Keras wrote it has taken three steps', () => {
      assert.equal(original.error, undefined);
      assert.equal(original.steps, 3);
      assert.ok(original.moments > 0);
    });
    for (const [j, { how, notes }] of jobs.entries()) {
      if (jobs[j].file !== file) continue;
      const { kept } = recipes[how];
      test(`${how} is loaded compiled, ${kept ? 'with' : 'without'} the optimizer's state, and trains on`, () => {
        const found = judged[files.length + j];
        assert.equal(found.error, undefined);
        assert.equal(found.steps, kept ? 3 : 0);
        assert.equal(found.moments, kept ? original.moments : 0);
        assert.ok(found.again < found.loss, `${found.loss}, then ${found.again}`);
        assert.deepEqual(
          found.warnings.filter((text) => kept || !leftOut.test(text)),
          [],
        );
        assert.ok(notes.includes(kept ? 'noteOptimizerState' : 'noteOptimizerLeftOut'), notes.join());
      });
    }
  });
}
