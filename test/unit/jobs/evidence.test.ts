import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openModel } from '../../../extension/formats/open.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import type { PruneReport } from '../../../extension/protocol/report.ts';
import { finetuneData } from '../../support/finetuneData.ts';
import { placeOf, recordedContext } from '../../support/jobContext.ts';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { floats, integers } from '../../support/npy.ts';
import { randomFloats, seeded, wholeBelow } from '../../support/random.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { small, smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { npzBytes } from '../../support/zip.ts';

const write = scratchFiles();
const model = await writeKerasH5(write('model.h5', ''), smallLegacy());
const data = write('data.npz', finetuneData({ train: 40, val: 10, test: 12 }));

/** An .npz of these parts, samples and classes drawn at random by the seed of each. */
let files = 0;
function partsFile(parts: Record<string, { samples: number; seed: number }>): string {
  const arrays: Record<string, Buffer> = {};
  for (const [name, { samples, seed }] of Object.entries(parts)) {
    const next = seeded(seed);
    const { steps, inputs, classes } = small;
    arrays[`x_${name}`] = floats([samples, steps, inputs], randomFloats(samples * steps * inputs, next));
    const targets = Array.from({ length: samples }, () => wholeBelow(classes, next));
    arrays[`y_${name}`] = integers([samples], targets);
  }
  return write(`data${files++}.npz`, npzBytes(arrays));
}

interface Pruned extends PruneReport {
  /** Which weights are 0, by parameter. */
  readonly zeros: Record<string, string>;
}

async function pruned(recipe: Recipe, path = model, context = recordedContext()): Promise<Pruned> {
  const place = placeOf(path);
  try {
    const report = await prune({ path: place.model, recipe: { sparsity: 0.5, ...recipe } }, context);
    const written = await openModel(report.output);
    const zeros: Record<string, string> = {};
    for (const parameter of written.parameters)
      zeros[parameter.name] = (await parameter.read()).map((value) => (value === 0 ? 0 : 1)).join('');
    await written.close();
    return { ...report, zeros };
  } finally {
    place.remove();
  }
}

const judging: Recipe[] = [
  { criterion: 'gradient' },
  { criterion: 'taylor' },
  { criterion: 'fisher' },
  { criterion: 'wanda' },
  { criterion: 'input-importance', granularity: 'column' },
  { criterion: 'activation', granularity: 'unit' },
  { criterion: 'activation-variance', granularity: 'unit' },
  { criterion: 'apoz', granularity: 'unit' },
];

describe('a criterion that judges by data', () => {
  for (const recipe of judging) {
    test(`prunes by ${recipe.criterion}, with a stage of its own`, async () => {
      const context = recordedContext();
      const one = await pruned({ ...recipe, data }, model, context);
      assert.ok(one.after.sparsity > 0.3, String(one.after.sparsity));
      const stages = context.seen.map(({ stage }) => stage);
      assert.deepEqual(
        [...new Set(stages)],
        ['open', 'evaluateBefore', 'evidence', 'prune', 'write', 'verify', 'evaluateAfter'],
      );
      assert.ok(context.seen.every(({ done }, i) => i === 0 || done >= context.seen[i - 1].done));
    });

    test(`${recipe.criterion} without data is refused`, async () => {
      await assertRefuses(() => pruned(recipe), 'criterionNeedsData', String(recipe.criterion));
    });
  }

  test('takes other weights than their magnitude does', async () => {
    const { zeros } = await pruned({ data });
    for (const criterion of ['gradient', 'taylor', 'fisher', 'wanda'] as const)
      assert.notDeepEqual((await pruned({ criterion, data })).zeros, zeros, criterion);
  });

  test('sees no sample of the reported part, but those of training', async () => {
    const [train, test] = [
      { samples: 40, seed: 3 },
      { samples: 12, seed: 4 },
    ];
    const { zeros } = await pruned({ criterion: 'taylor', data: partsFile({ train, test }) });
    const otherTest = partsFile({ train, test: { samples: 12, seed: 5 } });
    const otherTrain = partsFile({ train: { samples: 40, seed: 5 }, test });
    assert.deepEqual((await pruned({ criterion: 'taylor', data: otherTest })).zeros, zeros);
    assert.notDeepEqual((await pruned({ criterion: 'taylor', data: otherTrain })).zeros, zeros);
  });

  test('sees the reported part only where there is no other, and says so', async () => {
    const noteOf = ({ notes }: PruneReport) => notes.some(({ code }) => code === 'noteEvidenceReported');
    assert.ok(!noteOf(await pruned({ criterion: 'wanda', data })));
    assert.ok(noteOf(await pruned({ criterion: 'wanda', data, split: 'train' })));
    const alone = partsFile({ test: { samples: 12, seed: 4 } });
    assert.ok(noteOf(await pruned({ criterion: 'wanda', data: alone })));
  });

  test('looks at as many samples as are asked for', async () => {
    const [few, many] = [1, 40].map((samples) => pruned({ criterion: 'gradient', data, samples }));
    assert.notDeepEqual((await few).zeros, (await many).zeros);
    assert.deepEqual((await pruned({ criterion: 'gradient', data })).zeros, (await many).zeros);
  });

  for (const recipe of judging) {
    const { criterion = 'magnitude' } = recipe;
    const alone = ['wanda', 'activation', 'activation-variance', 'apoz'].includes(criterion);
    test(`${criterion} ${alone ? 'takes data without targets, and is judged by the divergence' : 'needs targets'}`, async () => {
      const { steps, inputs } = small;
      const x = (count: number, seed: number) =>
        floats([count, steps, inputs], randomFloats(count * steps * inputs, seeded(seed)));
      const bare = write('bare.npz', npzBytes({ x_train: x(40, 3), x_test: x(12, 4) }));
      const asked: Recipe = { ...recipe, data: bare };
      if (!alone) return assertRefuses(() => pruned(asked), 'arrayMissing', 'y_train');
      const { before, after, data: summary, zeros } = await pruned(asked);
      assert.deepEqual([before.loss, after.loss, summary?.samples], [undefined, undefined, 12]);
      assert.ok((after.divergence?.value ?? 0) > 0);
      assert.equal(after.divergence?.samples, 12);
      // The same inputs with targets choose the same weights.
      const whole = partsFile({ train: { samples: 40, seed: 3 }, test: { samples: 12, seed: 4 } });
      assert.deepEqual((await pruned({ ...recipe, data: whole })).zeros, zeros);
      await assertRefuses(() => pruned({ ...asked, epochs: 1 }), 'arrayMissing', 'y_train');
    });
  }

  for (const [criterion, samples] of [
    ['wanda', 256],
    ['taylor', 256],
    ['fisher', 64],
  ] as const) {
    test(`${criterion}: the recipe that is recorded says which samples it looked at, and gives the same again`, async () => {
      const many = partsFile({ train: { samples: 300, seed: 3 }, test: { samples: 12, seed: 4 } });
      const { recipe, zeros } = await pruned({ criterion, data: many });
      assert.deepEqual([recipe.samples, recipe.seed], [samples, 1]);
      assert.deepEqual((await pruned(recipe)).zeros, zeros);
      assert.deepEqual((await pruned({ criterion, data: many, samples: 9, seed: 2 })).recipe.samples, 9);
    });
  }

  test('judges layers that are frozen', async () => {
    const { config, ...rest } = smallLegacy();
    const frozen = structuredClone(config) as { config: { layers: { config: { trainable?: boolean } }[] } };
    for (const layer of frozen.config.layers) layer.config.trainable = false;
    const path = await writeKerasH5(write('frozen.h5', ''), { ...rest, config: frozen });
    const { zeros } = await pruned({ criterion: 'taylor', data }, path);
    assert.deepEqual(zeros, (await pruned({ criterion: 'taylor', data })).zeros);
  });

  test('judges before fine-tuning, too', async () => {
    const { finetune, after } = await pruned({ criterion: 'fisher', data, epochs: 1 });
    assert.equal(finetune?.epochs.length, 1);
    assert.equal(after.sparsity, 0.5);
  });

  test('needs a model that can be computed', async () => {
    const [lstm, dense] = smallLegacy().layers;
    const wide = { ...dense.weights[0], shape: [2, 5] };
    const misfit = await writeKerasH5(write('misfit.h5', ''), {
      ...smallLegacy(),
      layers: [lstm, { name: 'dense', weights: [wide, dense.weights[1]] }],
    });
    await assertRefuses(() => pruned({ criterion: 'taylor', data }, misfit), 'criterionNeedsGraph', 'taylor');
  });

  test('is given up between two batches, and nothing is left', async () => {
    const place = placeOf(model);
    let batches = 0;
    const context = recordedContext(({ stage }) => stage === 'evidence' && ++batches === 3);
    const recipe: Recipe = { criterion: 'fisher', sparsity: 0.5, data };
    await assertRefuses(() => prune({ path: place.model, recipe }, context), 'cancelled');
    assert.deepEqual(place.files(), ['model.h5']);
    place.remove();
  });
});
