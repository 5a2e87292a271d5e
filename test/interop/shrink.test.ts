// Files whose hidden units have left, opened by real Keras 3: they must compute what the masked model computes.
import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel } from '../../extension/formats/open.ts';
import { readMasked } from '../../extension/model/parameter.ts';
import type { Message } from '../../extension/protocol/messages.ts';
import { solveShrinking } from '../../extension/pruning/units/shrink.ts';
import { unitSetsOf } from '../../extension/pruning/units/unitSets.ts';
import { type MaskedPart, maskHalf } from '../support/maskUnits.ts';
import { seeded } from '../support/random.ts';
import { runPython, scratchFolder } from './environment.ts';
import { forward, largestDifference } from './forward.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

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
  /** Masked and shrunk file; Keras 3.15 cannot open its own .h5 with Attention, or with operators between tensors. */
  readonly opened?: [boolean, boolean];
  readonly warnings: readonly string[];
}

/** What is masked of a half of the units, in which container. */
const variants: readonly [suffix: string, part: MaskedPart][] = [
  ['keras', 'all'],
  ['h5', 'readers'],
  ['keras', 'makers'],
];
const unopened = ['residual_of_operators.h5', 'attended.h5', 'attended_with_key.h5'];
const comparing = ['attended'];
const optimizerLeftOut = /^Skipping variable loading for optimizer/;

const { folder, remove } = await scratchFolder();
after(remove);
await runPython('shrinkModels.py', [folder]);
const cases = JSON.parse(await readFile(join(folder, 'cases.json'), 'utf8')) as Case[];

const jobs: Job[] = [];
const kept = new Map<string, readonly Message[]>();
for (const one of cases) for (const [suffix, part] of variants) await shrink(one, suffix, part);
const jobsFile = join(folder, 'jobs.json');
await writeFile(jobsFile, JSON.stringify(jobs));
const judgements = JSON.parse(await runPython('judgeShrunk.py', [jobsFile])) as Judgement[];

/** Masks, saves with and without the units; nothing where all of them stay. */
async function shrink({ name, inputs }: Case, suffix: string, part: MaskedPart): Promise<void> {
  const model = await openModel(join(folder, `${name}.${suffix}`));
  const title = `${name}.${suffix} without ${part}`;
  try {
    maskHalf(unitSetsOf(model), seeded(3), part);
    const { shrinking, frozen } = await solveShrinking(model, readMasked);
    if (!shrinking) {
      kept.set(
        title,
        frozen.map(({ reason }) => reason),
      );
      return;
    }
    const [masked, shrunk] = ['masked', 'shrunk'].map((as) =>
      join(folder, `${name}.${part}.${as}.${suffix}`),
    );
    await model.save(masked, { compress: false });
    await model.save(shrunk, { compress: false, shrink: shrinking });
    jobs.push({ title, inputs, masked, shrunk, data: join(folder, `${name}.npz`) });
  } finally {
    await model.close();
  }
}

describe('files without half of their units', () => {
  for (const [i, { title, inputs, masked, shrunk }] of jobs.entries()) {
    const { difference = Number.NaN, largest = 0, opened, warnings } = judgements[i];
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
  frozen_softmax: ['reasonUnitsNeeded', 'lstm'],
  frozen_Reshape: ['reasonUnitsNeeded', 'reshape'],
  frozen_unknown: ['reasonUnitsNoGraph'],
};
for (const [name, [code, layer]] of Object.entries(reasons)) {
  test(`${name}: the reason is named`, () => {
    const [reason] = kept.get(`${name}.keras without all`) ?? [];
    assert.equal(reason?.code, code);
    assert.equal(reason?.args.layer, layer);
  });
}
