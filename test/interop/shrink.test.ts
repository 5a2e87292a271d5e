// Files whose hidden units have left, opened by real Keras 3: they must compute what the masked model computes.
import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Tensor } from '../../extension/model/tensor.ts';
import type { Message } from '../../extension/protocol/messages.ts';
import type { MaskedPart } from '../support/maskUnits.ts';
import { runPython, scratchFolder } from './environment.ts';
import { forward, largestDifference } from './forward.ts';
import { type PackedArray, unpacked } from './packedArray.ts';
import { shrinkFile } from './shrinkFile.ts';

interface Case {
  readonly name: string;
  /** Units can go. */
  readonly required: boolean;
  readonly inputs: readonly PackedArray[];
}
interface Job {
  readonly title: string;
  readonly inputs: readonly PackedArray[];
  readonly masked: string;
  readonly shrunk: string;
  readonly data: string;
}
interface Judgement {
  readonly difference?: number;
  readonly largest?: number;
  /** Masked and shrunk file; Keras 3.15 cannot open its own .h5 with Attention, or with operations. */
  readonly opened?: [boolean, boolean];
  readonly warnings: readonly string[];
  /** What of the file's attributes and types differs beside sizes. */
  readonly file: readonly string[];
}

/** What is masked of a half of the units, in which container. */
const variants: readonly [suffix: string, part: MaskedPart][] = [
  ['keras', 'all'],
  ['h5', 'readers'],
  ['keras', 'makers'],
];
const unopened = ['residual_of_operators.h5', 'around_operations.h5', 'attended.h5', 'attended_with_key.h5'];
const comparing = ['attended'];
const optimizerLeftOut = /^Skipping variable loading for optimizer/;

const { folder, remove } = await scratchFolder();
after(remove);
await runPython('shrinkModels.py', [folder]);
const cases = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')) as Case[];

const jobs: Job[] = [];
const kept = new Map<string, readonly Message[]>();
for (const { name, inputs } of cases) {
  for (const [suffix, part] of variants) {
    const title = `${name}.${suffix} without ${part}`;
    const { files, frozen } = await shrinkFile(join(folder, `${name}.${suffix}`), part);
    if (files) jobs.push({ title, inputs, ...files, data: join(folder, `${name}.npz`) });
    else kept.set(title, frozen);
  }
}
const jobsFile = join(folder, 'jobs.json');
await writeFile(jobsFile, JSON.stringify(jobs));
const judgements = JSON.parse(await runPython('judgeShrunk.py', [jobsFile])) as Judgement[];

describe('files without half of their units', () => {
  for (const [i, { title, inputs, masked, shrunk }] of jobs.entries()) {
    const { difference = Number.NaN, largest = 0, opened, warnings, file } = judgements[i];
    test(`${title}: Keras computes what it computes with the masked file`, async () => {
      if (opened) {
        assert.ok(unopened.some((name) => title.startsWith(name)));
        assert.deepEqual(opened, [false, false]);
      } else {
        assert.ok(difference <= 1e-5, `the outputs differ by ${difference}`);
        assert.ok(largest > 0.01, `no output is larger than ${largest}`);
        assert.deepEqual(
          warnings.filter((warning) => !optimizerLeftOut.test(warning)),
          [],
        );
      }
      assert.ok((await stat(shrunk)).size < (await stat(masked)).size, 'the file is not smaller');
    });

    test(`${title}: h5py finds nothing else changed than sizes`, () => assert.deepEqual(file, []));

    test(`${title}: opened again it computes the same`, async () => {
      const [before, now] = await Promise.all(
        [masked, shrunk].map((path) => forward(path, inputs.map(unpacked))),
      );
      assert.ok(largestDifference(before[0], now[0]) <= 1e-5);
    });
  }
});

test('units go from every model where they can, and nowhere else', () => {
  for (const { name, required } of cases) {
    for (const [suffix, part] of variants.slice(0, 2)) {
      const title = `${name}.${suffix} without ${part}`;
      const shrinks = jobs.some((job) => job.title === title);
      // What a query is compared by with a key counts as long as it is not 0.
      const compared = part === 'readers' && comparing.includes(name);
      assert.equal(shrinks, required && !compared, title);
      if (!required) assert.ok((kept.get(title) ?? []).length > 0, title);
    }
  }
});

const reasons: Record<string, [code: string, layer?: string]> = {
  frozen_output: ['reasonUnitsOutput'],
  frozen_LayerNormalization: ['reasonUnitsNeeded', 'layer_normalization'],
  frozen_Normalization: ['reasonUnitsMet', 'normalization'],
  frozen_softmax: ['reasonUnitsNeeded', 'lstm'],
  frozen_Reshape: ['reasonUnitsNeeded', 'reshape'],
  frozen_GroupNormalization: ['reasonUnitsNeeded', 'group_normalization'],
  frozen_groups: ['reasonUnitsNeeded', 'conv1d'],
  frozen_unknown: ['reasonUnitsNoGraph'],
};
for (const [name, [code, layer]] of Object.entries(reasons)) {
  test(`${name}: the reason is named`, () => {
    const [reason] = kept.get(`${name}.keras without all`) ?? [];
    assert.equal(reason?.code, code);
    assert.equal(reason?.args.layer, layer);
  });
}

test('files of Keras 1, 2 and tf.keras compute what the masked ones compute, by numpy', async (t) => {
  await runPython('makeLegacy.py', [folder]);
  const names = JSON.parse(await readFile(join(folder, 'legacy.json'), 'utf8')) as string[];
  for (const name of names) {
    await t.test(name, async () => {
      const { files } = await shrinkFile(join(folder, `${name}.h5`));
      assert.ok(files);
      const data = join(folder, `${name}.npz`);
      const outputs: Tensor[] = [];
      for (const path of [files.masked, files.shrunk]) {
        const { outputs: packed } = JSON.parse(await runPython('numpyForward.py', [path, data]));
        outputs.push(unpacked(packed));
      }
      assert.ok(largestDifference(outputs[0], outputs[1]) <= 1e-6);
      assert.ok((await stat(files.shrunk)).size < (await stat(files.masked)).size);
    });
  }
});
