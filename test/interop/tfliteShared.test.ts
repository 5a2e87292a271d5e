// Models in which the converter gave several tensors one buffer: pruned or trained apart, they compute in TensorFlow Lite's interpreter
// what we report; what shares the bytes and is no weight stays, and what is one weight stays one.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import { prune } from '../../extension/jobs/prune.ts';
import type { Recipe } from '../../extension/protocol/recipe.ts';
import { recordedContext } from '../support/jobContext.ts';
import { runPython, scratchFolder } from './environment.ts';
import { forward, largestDifference } from './forward.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

type Name = 'one_unit' | 'twice' | 'tied' | 'zero_biases';
interface Shared {
  readonly name: Name;
  readonly path: string;
  readonly data: string;
  readonly inputs: readonly PackedArray[];
}
interface Judged {
  readonly loss: number;
  readonly outputs: PackedArray;
  /** Names of tensors that have one buffer. */
  readonly sharing: readonly (readonly string[])[];
}

const { folder, remove } = await scratchFolder();
after(remove);
await runPython('tfliteShared.py', ['make', folder]);
const cases = JSON.parse(await readFile(join(folder, 'shared.json'), 'utf8')) as Shared[];

const recipes: Readonly<Record<Name, Recipe>> = {
  one_unit: { sparsity: 0.5 },
  twice: { sparsity: 0.5, scope: 'global' },
  tied: { sparsity: 0.5, scope: 'global' },
  zero_biases: { sparsity: 0.5, epochs: 2 },
};

async function judge(list: readonly Shared[]): Promise<Judged[]> {
  const [asked, answered] = [join(folder, 'asked.json'), join(folder, 'answered.json')];
  await writeFile(asked, JSON.stringify(list));
  await runPython('tfliteShared.py', ['judge', asked, answered]);
  return JSON.parse(await readFile(answered, 'utf8')) as Judged[];
}

async function pruned(one: Shared, recipe: Recipe, suffix = 'pruned') {
  const output = one.path.replace(/tflite$/, `${suffix}.tflite`);
  const measured = { data: one.data, loss: 'mean_squared_error', split: 'all' } as const;
  const { after: state } = await prune(
    { path: one.path, output, recipe: { ...recipe, ...measured } },
    recordedContext(),
  );
  const [found] = await forward(output, one.inputs.map(unpacked));
  return { ...one, path: output, found, loss: state.loss, sparsity: state.sparsity };
}

const first = await Promise.all(cases.map((one) => pruned(one, recipes[one.name])));
// What was written is a model like any other.
const second = await Promise.all(
  first.map((one) => pruned(one, { sparsity: 0.8, scope: 'global' }, 'again')),
);
const judged = await judge([...cases, ...first, ...second]);
const sharing = Object.fromEntries(
  cases.map(({ name }, i) => [name, [judged[i].sharing, judged[cases.length + i].sharing]]),
) as Record<Name, Judged['sharing'][]>;
const saved = await Promise.all(
  cases.map(async ({ name, path }) => {
    const copy = join(folder, `${name}.copy.tflite`);
    const model = await openModel(path);
    await model.save(copy, { compress: false });
    await model.close();
    return Promise.all([path, copy].map((one) => readFile(one)));
  }),
);

describe('a TensorFlow Lite model whose tensors share a buffer', () => {
  for (const [i, { path, found, loss, sparsity }] of [...first, ...second].entries())
    test(`computes in the interpreter what we report: ${path.split('/').at(-1)}`, () => {
      const { outputs, loss: there } = judged[cases.length + i];
      assert.ok(sparsity > 0.4, `${sparsity}`);
      assert.ok(Math.abs((loss ?? Number.NaN) - there) <= 1e-5 * there, `${loss}, ${there} there`);
      const worst = largestDifference(found, unpacked(outputs));
      assert.ok(worst <= 1e-5, `largest difference ${worst}`);
      assert.ok(largestDifference(found, unpacked(judged[i % cases.length].outputs)) > 1e-3);
    });

  test('is saved unchanged byte for byte', () => {
    for (const [before, copy] of saved) assert.deepEqual(copy, before);
  });

  test('has buffers of their own only for tensors that differ after pruning', () => {
    for (const name of ['one_unit', 'twice'] as const) {
      const [before, now] = sharing[name].map((groups) => groups.flat().length);
      assert.ok(now < before, `${name}: ${now} of ${before} tensors share`);
    }
  });

  test('has still one weight where two layers have the same', () => {
    const [before, now] = sharing.tied;
    assert.equal(before.length, 8);
    assert.deepEqual(now, before);
  });

  test('keeps numbers that are no weights when biases of the same bytes are trained', () => {
    const besidePlace = sharing.zero_biases.map((groups) =>
      groups.filter((names) => names.includes('strided_slice/stack_1')).flat(),
    );
    const [before, now] = besidePlace.map((names) =>
      names.filter((name) => name.startsWith('arith.constant')),
    );
    assert.ok(before.length > 0, JSON.stringify(besidePlace));
    assert.deepEqual(now, []);
  });
});
