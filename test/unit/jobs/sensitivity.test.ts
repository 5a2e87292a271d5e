import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { evaluate } from '../../../extension/jobs/evaluate.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import { sensitivity } from '../../../extension/jobs/sensitivity.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import type { SensitivityOptions, SensitivityReport } from '../../../extension/protocol/sensitivity.ts';
import { finetuneData } from '../../support/finetuneData.ts';
import { placeOf, recordedContext } from '../../support/jobContext.ts';
import { type LegacyFile, writeKerasH5 } from '../../support/kerasFile.ts';
import { floats } from '../../support/npy.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { small, smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses, messageFrom } from '../../support/throwsCode.ts';
import { npzBytes } from '../../support/zip.ts';

const write = scratchFiles();
const model = await writeKerasH5(write('model.h5', ''), smallLegacy());
const data = write('data.npz', finetuneData({ train: 40, val: 10, test: 24 }));

function measured(options: SensitivityOptions = {}, path = model): Promise<SensitivityReport> {
  return sensitivity({ path, options: { data, ...options } }, recordedContext());
}

/** The loss of the model after it was pruned by a recipe, read back from disk. */
async function lossAfter(recipe: Recipe): Promise<number | undefined> {
  const place = placeOf(model);
  try {
    return (await prune({ path: place.model, recipe: { data, ...recipe } }, recordedContext())).after.loss;
  } finally {
    place.remove();
  }
}

function curve({ curves }: SensitivityReport, name: string) {
  const found = curves.find((one) => one.name === name);
  assert.ok(found, `${name} is not among ${curves.map((one) => one.name)}`);
  return found;
}

/**
 * Sequential: a linear SimpleRNN(2) over 60 steps, Dense(1). The square of its recurrent kernel is 0, so nothing of an input is left two
 * steps later; without two of its weights it is taken by ten in every step, which no float32 holds for long.
 */
function nilpotent(): LegacyFile {
  const weight = (name: string, shape: number[], values: number[]) => ({ name, shape, values });
  const rnn = {
    name: 'rnn',
    units: 2,
    activation: 'linear',
    use_bias: false,
    batch_input_shape: [null, 60, 1],
  };
  const dense = { name: 'dense', units: 1, activation: 'linear', use_bias: false };
  return {
    config: {
      class_name: 'Sequential',
      config: {
        layers: [
          { class_name: 'SimpleRNN', config: rnn },
          { class_name: 'Dense', config: dense },
        ],
      },
    },
    kerasVersion: '2.3.1',
    training: { loss: 'mse' },
    layers: [
      {
        name: 'rnn',
        weights: [
          weight('rnn/kernel:0', [1, 2], [20, 30]),
          weight('rnn/recurrent_kernel:0', [2, 2], [10, -10, 10, -10]),
        ],
      },
      { name: 'dense', weights: [weight('dense/kernel:0', [2, 1], [1, 1])] },
    ],
  };
}

describe('the sensitivity of a model', () => {
  test('is the loss with one gate of one matrix pruned, for each of them at each level', async () => {
    const report = await measured();
    const { loss } = await evaluate({ path: model, data: { data } }, recordedContext());
    assert.equal(report.baseline, loss);
    assert.deepEqual(report.levels, [0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99]);
    const places = report.rows.map(({ layer, matrix, gate, sparsity }) => [layer, matrix, gate, sparsity]);
    const expected = ['kernel', 'recurrent'].flatMap((matrix) =>
      ['i', 'f', 'c', 'o'].flatMap((gate) => report.levels.map((level) => ['lstm', matrix, gate, level])),
    );
    assert.deepEqual(places, expected);
    for (const { matrix, gate, sparsity, loss } of report.rows.filter((row) => row.sparsity === 0.7)) {
      const recipe = { sparsity: 0, targets: { [`lstm/${matrix}/${gate}`]: sparsity } };
      assert.equal(loss, await lossAfter(recipe), `${matrix} ${gate}`);
    }
  });

  test('has curves of whole matrices and layers, too', async () => {
    const report = await measured({ levels: [0.5, 0.9] });
    assert.deepEqual(
      report.curves.map(({ name }) => name),
      [
        ...['i', 'f', 'c', 'o', ''].map((gate) => `lstm/kernel${gate && `/${gate}`}`),
        ...['i', 'f', 'c', 'o', ''].map((gate) => `lstm/recurrent${gate && `/${gate}`}`),
        'lstm',
      ],
    );
    const { inputs, hidden } = small;
    assert.equal(curve(report, 'lstm/kernel/i').weights, inputs * hidden);
    assert.equal(curve(report, 'lstm/recurrent').weights, 4 * hidden * hidden);
    assert.equal(curve(report, 'lstm').weights, 4 * hidden * (inputs + hidden));
    for (const name of ['lstm/kernel', 'lstm']) {
      const { points } = curve(report, name);
      assert.deepEqual(points[0], { sparsity: 0, loss: report.baseline });
      const scope = name === 'lstm' ? 'layer' : 'matrix';
      assert.equal(points[1].loss, await lossAfter({ sparsity: 0, targets: { [name]: 0.5 }, scope }), name);
    }
  });

  test('weighs each curve by its area over the loss as it is, and by how far it costs nothing', async () => {
    const report = await measured({ levels: [0.5, 0.9] });
    for (const { name, points, area, harmless } of report.curves) {
      const [first, second] = points.slice(1).map(({ loss }) => Number(loss) - report.baseline);
      const expected = (0.5 * first) / 2 + (0.4 * (first + second)) / 2;
      assert.ok(area !== null && Math.abs(area - expected) < 1e-12, name);
      const bearable = (rise: number) => rise < 0.01 * report.baseline;
      assert.equal(harmless, !bearable(first) ? 0 : bearable(second) ? 0.9 : 0.5, name);
    }
    // Or nothing was tested.
    assert.ok(new Set(report.curves.map(({ harmless }) => harmless)).size > 1);
  });

  test('is measured by the criterion and the granularity that are asked for', async () => {
    const plain = await measured({ levels: [0.5] });
    const others: SensitivityOptions[] = [
      { criterion: 'taylor' },
      { criterion: 'wanda' },
      { granularity: 'block', block: '1x3' },
      { granularity: 'row', criterion: 'l2' },
      { granularity: 'column', criterion: 'input-importance' },
      { granularity: 'bank', bank: 5 },
    ];
    for (const options of others) {
      const report = await measured({ levels: [0.5], ...options });
      const what = JSON.stringify(options);
      assert.deepEqual(
        report.rows.map(({ gate }) => gate),
        plain.rows.map(({ gate }) => gate),
        what,
      );
      assert.notDeepEqual(report.rows, plain.rows, what);
      const [{ loss }] = report.rows;
      const recipe: Recipe = { ...options, sparsity: 0, targets: { 'lstm/kernel/i': 0.5 } };
      if (options.granularity !== 'column') assert.equal(loss, await lossAfter(recipe), what);
    }
  });

  test('of hidden units is that of whole layers', async () => {
    const report = await measured({ levels: [0.4], granularity: 'unit', criterion: 'activation' });
    const [{ name, points }] = report.curves;
    assert.deepEqual(report.rows, [{ layer: 'lstm', ...points[1] }]);
    assert.equal(name, 'lstm');
    const recipe = { granularity: 'unit', criterion: 'activation', sparsity: 0.4 } as const;
    assert.equal(points[1].loss, await lossAfter(recipe));
  });

  test('counts what is included, and leaves out what is excluded', async () => {
    const { curves, rows } = await measured({ levels: [0.5], include: 'dense', exclude: '*/recurrent' });
    assert.deepEqual(
      curves.map(({ name, layer, matrix, gate }) => [name, layer, matrix, gate]),
      [
        ...['i', 'f', 'c', 'o'].map((gate) => [`lstm/kernel/${gate}`, 'lstm', 'kernel', gate]),
        ['lstm/kernel', 'lstm', 'kernel', undefined],
        ['dense/kernel', 'dense', 'kernel', undefined],
      ],
    );
    assert.deepEqual(
      rows.map(({ layer, matrix, gate }) => [layer, matrix, gate]),
      [...['i', 'f', 'c', 'o'].map((gate) => ['lstm', 'kernel', gate]), ['dense', 'kernel', undefined]],
    );
    assert.deepEqual(rows[4], { layer: 'dense', matrix: 'kernel', ...curves[5].points[1] });
  });

  test('goes on where the loss of one part is not finite, and says so of that alone', async () => {
    const path = await writeKerasH5(write('nilpotent.h5', ''), nilpotent());
    const steps = 60;
    const x = floats([4, steps, 1], randomFloats(4 * steps, seeded(2)));
    const npz = write('nilpotent.npz', npzBytes({ x_test: x, y_test: floats([4, 1], [0, 0, 0, 0]) }));
    const report = await measured({ data: npz, levels: [0.5, 0.99] }, path);
    const told = report.curves.map(({ name, area, harmless, points }) => [
      name,
      area === null,
      harmless,
      points.map(({ loss }) => loss !== null),
    ]);
    assert.deepEqual(told, [
      ['rnn/kernel/h', false, 0.99, [true, true, true]],
      ['rnn/recurrent/h', true, 0, [true, false, true]],
      ['rnn', true, 0, [true, false, true]],
    ]);
    assert.equal(report.rows.length, 4);
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
    assert.equal(report.findings.layers.length, 1);
  });

  test('costs nothing up to the sparsity that a part has already', async () => {
    const place = placeOf(model);
    const parts = ['kernel', 'recurrent'].flatMap((matrix) =>
      ['i', 'f', 'c', 'o'].map((gate) => [`lstm/${matrix}/${gate}`, 0.6]),
    );
    const recipe = { targets: Object.fromEntries(parts) };
    const { output } = await prune({ path: place.model, recipe }, recordedContext());
    const context = recordedContext();
    const options = { data, levels: [0.25, 0.5, 0.9] };
    const { curves, baseline } = await sensitivity({ path: output, options }, context);
    // The model as it is, and each part at the one level that takes something away.
    assert.equal(context.seen.filter(({ stage }) => stage === 'sensitivity').length, 1 + curves.length);
    const { points } = curves.find(({ name }) => name === 'lstm') ?? { points: [] };
    assert.deepEqual(
      points.map(({ loss }) => loss === baseline),
      [true, true, true, false],
    );
    place.remove();
  });

  test('leaves the model as it was, and writes nothing', async () => {
    const place = placeOf(model);
    const request = { path: place.model, options: { data, levels: [0.9] } };
    const once = await sensitivity(request, recordedContext());
    const { seconds, ...again } = await sensitivity(request, recordedContext());
    assert.deepEqual({ ...again, seconds: once.seconds }, once);
    assert.deepEqual(place.files(), ['model.h5']);
    place.remove();
  });

  test('says on what it was measured, and by what settings that can be repeated', async () => {
    const report = await measured({ samples: 7, levels: [0.9, 0.5, 0.9], seed: 3 });
    assert.deepEqual(report.data, { file: data, split: 'test', samples: 7 });
    const { options } = report;
    assert.deepEqual(options, {
      ...{ data, samples: 7, seed: 3, levels: [0.5, 0.9] },
      ...{ criterion: 'magnitude', granularity: 'weight' },
    });
    const { seconds, ...again } = await measured(options);
    assert.deepEqual({ ...again, seconds: report.seconds }, report);
    assert.notEqual((await measured({ samples: 7, levels: [0.5], seed: 4 })).baseline, report.baseline);
  });

  test('comes with what the data tells of units and gates', async () => {
    const { findings } = await measured({ levels: [0.5] });
    assert.equal(findings.samples, 24);
    const [{ layer, deadUnits, gates }] = findings.layers;
    assert.deepEqual([layer, deadUnits, gates.map(({ gate }) => gate)], ['lstm', [], ['i', 'f', 'c', 'o']]);
    assert.ok(gates.every(({ gate, saturation }) => (saturation === undefined) === (gate === 'c')));
  });

  test('is refused where it cannot be measured', async () => {
    const refused = (options: SensitivityOptions) => () => measured({ levels: [0.5], ...options });
    await assertRefuses(refused({ criterion: 'movement' }), 'criterionNeedsTraining', 'movement');
    await assertRefuses(refused({ criterion: 'threshold' }), 'invalidValue', 'criterion', 'magnitude, l1');
    await assertRefuses(
      refused({ granularity: 'n:m' }),
      'invalidValue',
      'granularity',
      'weight, block, bank',
    );
    for (const levels of [[], [0], [1.5], [0.5, Number.NaN]])
      await assertRefuses(refused({ levels }), 'invalidValue', 'levels', '0.5,0.9');
    await assertRefuses(() => sensitivity({ path: model, options: {} }, recordedContext()), 'dataNeeded');
    const { code } = await messageFrom(refused({ split: 'all', data: 'none.npz' }));
    assert.equal(code, 'fileNotFound');
  });

  test('tells how far it is and how long it will take', async () => {
    const context = recordedContext();
    await sensitivity({ path: model, options: { data, levels: [0.5, 0.9], batch: 8 } }, context);
    const stages = [...new Set(context.seen.map(({ stage }) => stage))];
    assert.deepEqual(stages, ['open', 'sensitivity', 'findings']);
    const { seen } = context;
    assert.ok(seen.every(({ done }, i) => i === 0 || done >= seen[i - 1].done));
    const left = seen.filter(({ stage }) => stage === 'sensitivity').map(({ secondsLeft }) => secondsLeft);
    assert.equal(left[0], undefined);
    assert.ok(left.slice(3).every((seconds) => seconds !== undefined && seconds >= 0));
  });

  test('is given up between two batches', async () => {
    const whole = recordedContext();
    const options: SensitivityOptions = { data, levels: [0.5], criterion: 'fisher', batch: 8 };
    const request = { path: model, options };
    await sensitivity(request, whole);
    for (let n = 0; n < whole.seen.length; n += 9) {
      let reports = 0;
      const context = recordedContext(() => reports++ === n);
      await assertRefuses(() => sensitivity(request, context), 'cancelled');
    }
  });
});
