// Files from which whole layers were removed, beside those that real Keras 3 writes of models that it builds without them.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { contentOf } from '../unit/formats/content.ts';
import { runPython, scratchFolder } from './environment.ts';
import { forward, largestDifference } from './forward.ts';
import { type PackedArray, unpacked } from './packedArray.ts';
import { removeLayers } from './removeLayers.ts';

interface Case {
  readonly name: string;
  readonly leaving: readonly string[];
  readonly inputs: readonly PackedArray[];
  readonly output: PackedArray;
}
interface Job {
  readonly title: string;
  readonly of: Case;
  readonly written: string;
  readonly own: string;
  readonly data: string;
}
interface Judgement {
  readonly opened: [own: boolean, written: boolean];
  readonly difference?: number | null;
  readonly largest?: number;
  readonly layers?: [own: string[], written: string[]];
  readonly warnings: readonly string[];
  readonly file: readonly string[];
}

/** Keras 3.15 cannot open its own .h5 where operations make masks. */
const unopened = ['residual_masked.h5'];
const optimizerLeftOut = /^Skipping variable loading for optimizer/;

const { folder, remove } = await scratchFolder();
after(remove);
await runPython('removalModels.py', [folder]);
const cases = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')) as Case[];
const jobs: Job[] = [];
for (const one of cases) {
  for (const suffix of ['keras', 'h5']) {
    const title = `${one.name}.${suffix}`;
    const written = await removeLayers(join(folder, title), one.leaving);
    const own = join(folder, `${one.name}.without.${suffix}`);
    jobs.push({ title, of: one, written, own, data: join(folder, `${one.name}.npz`) });
  }
}
const jobsFile = join(folder, 'jobs.json');
await writeFile(jobsFile, JSON.stringify(jobs));
const judgements = JSON.parse(await runPython('judgeRemoved.py', [jobsFile])) as Judgement[];

describe('files without whole layers', () => {
  for (const [i, { title, of, written }] of jobs.entries()) {
    const { opened, difference, largest = 0, layers, warnings, file } = judgements[i];
    test(`${title}: Keras opens it and computes what the model computes that it builds without the layers`, () => {
      if (unopened.includes(title)) return assert.deepEqual(opened, [false, false]);
      assert.deepEqual(opened, [true, true], warnings.join());
      assert.ok((difference ?? Number.NaN) <= 1e-6, `the outputs differ by ${difference}`);
      assert.ok(largest > 0.01, `no output is larger than ${largest}`);
      assert.deepEqual(layers?.[1], layers?.[0]);
      assert.deepEqual(
        warnings.filter((warning) => !optimizerLeftOut.test(warning)),
        [],
      );
    });

    test(`${title}: its weights lie where Keras itself puts them, and nothing else does`, () =>
      assert.deepEqual(file, []));

    test(`${title}: opened again it computes the same`, async () => {
      const [found] = await forward(written, of.inputs.map(unpacked));
      const expected = unpacked(of.output);
      assert.deepEqual(found.shape, expected.shape);
      assert.ok(largestDifference(found, expected) <= 1e-5);
    });
  }
});

test('files of Keras 2 are those that it would have written without the layer, and compute the same, by numpy', async (t) => {
  await runPython('makeLegacyStacks.py', [folder]);
  const stacks = JSON.parse(await readFile(join(folder, 'stacks.json'), 'utf8')) as Pick<
    Case,
    'name' | 'leaving'
  >[];
  for (const { name, leaving } of stacks) {
    await t.test(name, async () => {
      const written = await removeLayers(join(folder, `${name}.h5`), leaving);
      const own = join(folder, `${name}.without.h5`);
      const outputs = await Promise.all(
        [written, own].map(async (path) => {
          const told = await runPython('numpyForward.py', [path, join(folder, `${name}.npz`)]);
          return unpacked((JSON.parse(told) as { outputs: PackedArray }).outputs);
        }),
      );
      assert.equal(largestDifference(outputs[0], outputs[1]), 0);
      const [found, expected] = await Promise.all([written, own].map(contentOf));
      const config = (content: typeof found) =>
        JSON.parse((content.get('/@model_config') as { value: string }).value);
      assert.deepEqual(config(found), config(expected));
      const weights = (content: typeof found) =>
        [...content.keys()].filter((path) => path.startsWith('/model_weights/') && !path.includes('@'));
      assert.deepEqual(weights(found), weights(expected));
    });
  }
});
