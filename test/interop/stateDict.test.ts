import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import { evaluate } from '../../extension/jobs/evaluate.ts';
import { prune } from '../../extension/jobs/prune.ts';
import type { Recipe } from '../../extension/protocol/recipe.ts';
import type { PruneReport } from '../../extension/protocol/report.ts';
import { runPython, scratchFolder } from './environment.ts';

/** Loss by PyTorch of a written file, in a module that has its sizes, and zeros in the matrices of its recurrent layers. */
interface Judged {
  readonly loss: number;
  readonly zeros: number;
}

const context = { signal: new AbortController().signal, progress: () => {} };
const { folder, remove } = await scratchFolder();
after(remove);
const losses = JSON.parse(await runPython('stateDictModels.py', ['make', folder])) as Record<string, number>;
const file = (name: string) => join(folder, `${name}.safetensors`);
/** The stack of GRUs in two files, with an index. */
const sharded: Readonly<Record<string, string>> = {
  sharded: join(folder, 'sharded', 'model.safetensors.index.json'),
  shardedBin: join(folder, 'shardedBin', 'pytorch_model.bin.index.json'),
};
const dataOf = (name: string) => ({
  data: join(folder, `${name}.npz`),
  split: 'all' as const,
  // Behind a sigmoid another loss would be usual.
  ...(name === 'max' && { loss: 'mean_squared_error' }),
});

/** What is done to each model: weights go and are trained, hidden units go and leave the file. */
const recipes = {
  weights: { sparsity: 0.5, epochs: 2, optimizer: 'adam' },
  units: { sparsity: 0.5, granularity: 'unit', shrink: true },
} as const satisfies Record<string, Recipe>;

function outputOf(name: string, how: string): string {
  return join(folder, name in sharded ? `${name}.${how}` : `${name}.${how}.safetensors`);
}

function assertClose(found: number | undefined, expected: number): void {
  assert.ok(
    found !== undefined && Math.abs(found - expected) <= 1e-5 * Math.abs(expected),
    `${found}, not ${expected}`,
  );
}

describe('a state dict in safetensors', () => {
  for (const [name, expected] of Object.entries(losses)) {
    test(`${name} has the loss that PyTorch computes`, async () => {
      const { loss } = await evaluate({ path: file(name), data: dataOf(name) }, context);
      assertClose(loss, expected);
    });

    test(`${name} is saved unchanged byte by byte`, async () => {
      const copy = join(folder, `${name}.copy.safetensors`);
      const model = await openModel(file(name));
      try {
        await model.save(copy, { compress: false });
      } finally {
        await model.close();
      }
      assert.deepEqual(await readFile(copy), await readFile(file(name)));
    });
  }

  for (const [name, path] of Object.entries(sharded))
    test(`${name}, in several files, is one model`, async () => {
      for (const model of [path, dirname(path)]) {
        const { loss } = await evaluate({ path: model, data: dataOf('stackedGru') }, context);
        assertClose(loss, losses.stackedGru);
      }
    });

  test('in several files is saved unchanged byte by byte', async () => {
    for (const path of Object.values(sharded)) {
      const copy = `${dirname(path)}.copy`;
      const model = await openModel(path);
      try {
        await model.save(copy, { compress: false });
      } finally {
        await model.close();
      }
      const names = await readdir(dirname(path));
      assert.deepEqual(await readdir(copy), names);
      for (const name of names)
        assert.deepEqual(await readFile(join(copy, name)), await readFile(join(dirname(path), name)));
    }
  });
});

describe('what is written', () => {
  const written: { name: string; how: keyof typeof recipes; report: PruneReport; judged?: Judged }[] = [];
  before(async () => {
    for (const name of [...Object.keys(losses), ...Object.keys(sharded)])
      for (const [how, recipe] of Object.entries(recipes)) {
        // Its units are also what the embedding puts out.
        if (name === 'tied' && how === 'units') continue;
        const data = dataOf(name in sharded ? 'stackedGru' : name);
        const request = {
          path: sharded[name] ?? file(name),
          recipe: { ...recipe, ...data },
          output: outputOf(name, how),
        };
        const report = await prune(request, context);
        written.push({ name, how: how as keyof typeof recipes, report });
      }
    const list = join(folder, 'written.json');
    await writeFile(
      list,
      JSON.stringify(
        written.map(({ name, how }) => [name in sharded ? 'stackedGru' : name, outputOf(name, how)]),
      ),
    );
    const found = JSON.parse(await runPython('stateDictModels.py', ['judge', folder, list])) as Judged[];
    for (const [i, one] of written.entries()) one.judged = found[i];
  });

  for (const name of [...Object.keys(losses), ...Object.keys(sharded)]) {
    test(`${name}, pruned and trained, has its masks and our loss in PyTorch`, () => {
      const { report, judged } = written.find((one) => one.name === name && one.how === 'weights') ?? {};
      assert.ok(report && judged);
      assertClose(report.after.loss, judged.loss);
      assert.ok(judged.loss !== report.pruned.loss);
      const sizes = report.after.layers.flatMap(({ gates }) =>
        Object.values(gates).flatMap(({ kernel, recurrent }) => [kernel, recurrent]),
      );
      assert.ok(judged.zeros >= sizes.reduce((sum, { zeros }) => sum + zeros, 0));
      assert.ok(report.after.sparsity >= 0.49);
    });

    if (name === 'tied') continue;
    test(`${name} without half of its units fits a smaller module and has our loss there`, () => {
      const { report, judged } = written.find((one) => one.name === name && one.how === 'units') ?? {};
      assert.ok(report && judged);
      assertClose(report.after.loss, judged.loss);
      assert.ok(report.after.reduction > 0.3, `${report.after.reduction}`);
      assert.ok(report.after.sizes.parameters < report.before.sizes.parameters);
      assert.ok(report.notes.some(({ code }) => code === 'noteSizesInCode'));
    });
  }
});
