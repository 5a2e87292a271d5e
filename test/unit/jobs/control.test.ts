// A small dense model beside the pruned one, trained from scratch with the same budget.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadLibrary, openFile } from '../../../extension/formats/hdf5/library.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import type { JobProgress } from '../../../extension/protocol/requests.ts';
import { leftScratch, recordedContext } from '../../support/jobContext.ts';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { floats } from '../../support/npy.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { npzBytes } from '../../support/zip.ts';
import { finishedContext, inPlace, models, recipe, weightsOf, write } from './finetuneJobs.ts';

const controlled: Recipe = { ...recipe, control: true };
const makers = { '.h5': models['.h5'], '.keras': models['.keras'] };

async function pruned(model: string, changes: Recipe, context = recordedContext()) {
  return inPlace(model, async (place, checkpoints) => {
    const report = await prune(
      { path: place.model, recipe: { ...controlled, ...changes }, checkpoints },
      context,
    );
    assert.deepEqual(leftScratch(), []);
    return { report, weights: await weightsOf(report.output), files: place.files() };
  });
}

for (const [suffix, make] of Object.entries(makers)) {
  test(`${suffix}: the control has as many parameters as the pruned model has nonzero weights, or as few less as units allow`, async () => {
    const { report, files } = await pruned(await make(), {});
    const { control, after } = report;
    assert.ok(control);
    // LSTM(5) over 3 inputs: 160 weights, 64 of which stay, 20 biases, a dense layer of 12. u units make 4 u² + 18 u + 2.
    assert.equal(after.sizes.nonzero, 64 + 20 + 12);
    assert.deepEqual(control.layers, [{ name: 'lstm', units: 3 }]);
    assert.equal(control.parameters, 92);
    assert.equal(control.epochs, 3);
    assert.ok(control.seconds > 0);
    assert.equal(control.lossName, after.lossName);
    assert.ok(control.loss !== undefined && control.loss > 0 && control.loss !== after.loss);
    assert.ok(control.metrics?.accuracy !== undefined);
    assert.equal(report.recipe.control, true);
    assert.equal(files.length, 2);
  });
}

test('the control learns: with more epochs its loss is lower than guessing', async () => {
  const { report } = await pruned(await models['.h5'](), { epochs: 12 });
  assert.ok((report.control?.loss ?? Infinity) < 0.9 * Math.log(2), `${report.control?.loss}`);
});

test('a seed gives the same control again, and another one another', async () => {
  const losses: (number | undefined)[] = [];
  for (const seed of [1, 1, 2])
    losses.push((await pruned(await models['.h5'](), { seed })).report.control?.loss);
  assert.equal(losses[0], losses[1]);
  assert.notEqual(losses[0], losses[2]);
});

test('nothing of what the original has learned is in its control', async () => {
  const other = await writeKerasH5(write('other.h5', ''), smallLegacy(2));
  const [one, two] = [await pruned(await models['.h5'](), {}), await pruned(other, {})];
  assert.notEqual(one.report.before.loss, two.report.before.loss);
  assert.equal(one.report.control?.loss, two.report.control?.loss);
});

test('the pruned model is the same with a control and without', async () => {
  const model = await models['.keras']();
  const [beside, alone] = [await pruned(model, {}), await pruned(model, { control: false })];
  assert.deepEqual(beside.weights, alone.weights);
  assert.equal(alone.report.control, undefined);
  assert.equal(beside.report.after.loss, alone.report.after.loss);
});

test('what is not pruned has a control of its own size, and what is pruned to nothing one of a unit', async () => {
  const dense = await pruned(await models['.h5'](), { sparsity: 0 });
  assert.deepEqual(dense.report.control?.layers, [{ name: 'lstm', units: 5 }]);
  const { report } = await pruned(await models['.h5'](), { sparsity: 1, include: '*' });
  assert.deepEqual(report.control?.layers, [{ name: 'lstm', units: 1 }]);
  const note = report.notes.find(({ code }) => code === 'noteControlLarger');
  assert.deepEqual(note?.args, { parameters: 24, nonzero: report.after.sizes.nonzero });
});

test('a control of a shrunk model counts what is left in its file', async () => {
  const units: Recipe = { granularity: 'unit', criterion: 'l2', sparsity: 0.4, shrink: true };
  const { report } = await pruned(await models['.keras'](), units);
  assert.equal(report.after.sizes.parameters, 92);
  assert.equal(report.control?.parameters, 92);
});

test('where the original teaches, it teaches the control, too', async () => {
  const [taught, untaught] = [
    await pruned(await models['.h5'](), { recovery: 'distillation' }),
    await pruned(await models['.h5'](), {}),
  ];
  assert.ok(taught.report.control?.loss !== undefined);
  assert.notEqual(taught.report.control.loss, untaught.report.control?.loss);
});

test('without targets the divergence of the control from the original is told', async () => {
  const next = seeded(4);
  const part = (count: number) => floats([count, 4, 3], randomFloats(count * 12, next));
  const arrays = { x_train: part(96), x_val: part(32), x_test: part(32) };
  const unlabelled: Recipe = { data: write('unlabelled.npz', npzBytes(arrays)), recovery: 'unsupervised' };
  const { report } = await pruned(await models['.h5'](), { ...unlabelled, epochs: 1 });
  const { control, after } = report;
  assert.equal(control?.loss, undefined);
  assert.ok((control?.divergence?.value ?? 0) > 0);
  assert.notEqual(control?.divergence?.value, after.divergence?.value);
  const longer = await pruned(await models['.h5'](), { ...unlabelled, epochs: 8 });
  assert.ok((longer.report.control?.divergence?.value ?? Infinity) < (control?.divergence?.value ?? 0));
});

test('progress goes on through the control to the end', async () => {
  const context = recordedContext();
  await pruned(await models['.h5'](), {}, context);
  const stages = [...new Set(context.seen.map(({ stage }) => stage))];
  assert.deepEqual(stages.slice(-2), ['evaluateAfter', 'control']);
  const shares = context.seen.map(({ done }) => done);
  assert.deepEqual(
    shares,
    shares.toSorted((a, b) => a - b),
  );
});

test('cancelled in its control a job writes nothing', async () => {
  await inPlace(await models['.h5'](), async (place, checkpoints) => {
    const context = recordedContext(({ stage, done }) => stage === 'control' && done > 0.8);
    await assertRefuses(
      () => prune({ path: place.model, recipe: controlled, checkpoints }, context),
      'cancelled',
    );
    assert.ok(context.seen.some(({ stage }) => stage === 'control'));
    assert.equal(place.files().length, 1);
    assert.deepEqual(leftScratch(), []);
  });
});

for (const [when, ends] of [
  ['fine-tuning', ({ finetune }: JobProgress) => finetune?.epoch === 2],
  ['its control', ({ stage }: JobProgress) => stage === 'control'],
] as const) {
  test(`a job whose training is ended by hand in ${when} has no control, and says why`, async () => {
    const seen: JobProgress['stage'][] = [];
    const ended = finishedContext(ends);
    const progress = (now: JobProgress) => {
      seen.push(now.stage);
      ended.progress(now);
    };
    const { report } = await inPlace(await models['.h5'](), async (place, checkpoints) => ({
      report: await prune({ path: place.model, recipe: controlled, checkpoints }, { ...ended, progress }),
    }));
    assert.equal(report.control, undefined);
    assert.ok(report.notes.some(({ code }) => code === 'noteControlStopped'));
    assert.equal(seen.includes('control'), when === 'its control');
  });
}

test('a control that diverges costs only the comparison', async () => {
  const next = seeded(4);
  const part = (count: number) => ({
    x: floats([count, 4, 3], randomFloats(count * 12, next)),
    y: floats(
      [count, 2],
      randomFloats(count * 2, next).map((value) => 1000 * value),
    ),
  });
  const [train, held, test] = [part(96), part(32), part(32)];
  const arrays = {
    x_train: train.x,
    y_train: train.y,
    x_val: held.x,
    y_val: held.y,
    x_test: test.x,
    y_test: test.y,
  };
  const linear = JSON.parse(JSON.stringify(smallLegacy().config).replaceAll(/"softmax"|"tanh"/g, '"linear"'));
  // The biases that are left of the pruned model follow a mean at this rate; with what a unit puts out beside them, it is too high.
  const changes: Recipe = {
    data: write('large.npz', npzBytes(arrays)),
    loss: 'mean_squared_error',
    sparsity: 1,
    include: 'dense/kernel',
    learningRate: 0.9,
    optimizer: 'sgd',
  };
  const { report } = await pruned(await models['.h5']({ config: linear }), changes);
  assert.equal(report.control, undefined);
  const note = report.notes.find(({ code }) => code === 'noteNoControl');
  assert.equal(note?.cause?.code, 'reasonControlDiverged');
});

test('a file that cannot be laid out anew has no control, and the note says why', async () => {
  const file = await models['.h5']();
  const edited = openFile(await loadLibrary(), file, 'a');
  edited.create_soft_link('/nowhere', 'lost');
  edited.close();
  const { report } = await pruned(file, {});
  const note = report.notes.find(({ code }) => code === 'noteNoControl');
  assert.equal(note?.cause?.code, 'reasonTypeKept');
  assert.equal(note?.cause?.args.path, '/lost');
});

test('where the units are the outputs there is no control, and the note says why', async () => {
  const next = seeded(4);
  const part = (width: number) => (count: number) =>
    floats([count, ...(width === 5 ? [5] : [4, 3])], randomFloats(count * width, next));
  const [x, y] = [part(12), part(5)];
  const arrays = { x_train: x(96), y_train: y(96), x_val: x(32), y_val: y(32), x_test: x(32), y_test: y(32) };
  const { config, layers } = smallLegacy();
  const { class_name: name, config: whole } = config as { class_name: string; config: { layers: object[] } };
  const alone = { class_name: name, config: { ...whole, layers: whole.layers.slice(0, 1) } };
  const model = await models['.h5']({ config: alone, layers: layers.slice(0, 1) });
  const changes: Recipe = { data: write('units.npz', npzBytes(arrays)), loss: 'mean_squared_error' };
  const { report } = await pruned(model, changes);
  assert.equal(report.control, undefined);
  const note = report.notes.find(({ code }) => code === 'noteNoControl');
  assert.equal(note?.cause?.code, 'reasonControlFrozen');
  assert.deepEqual(note?.cause?.args.layers, ['lstm']);
  assert.equal(note?.cause?.cause?.code, 'reasonUnitsOutput');
});

test('what the file says is not trained keeps its weights, and the note names it', async () => {
  const config = JSON.parse(
    JSON.stringify(smallLegacy().config).replace('"name":"dense"', '"name":"dense","trainable":false'),
  );
  const { report } = await pruned(await models['.h5']({ config }), { sparsity: 0 });
  const note = report.notes.find(({ code }) => code === 'noteControlKept');
  assert.deepEqual(note?.args, { parameters: ['dense/kernel', 'dense/bias'] });
});

test('what a Normalization of the inputs was adapted to stays, and the note names it', async () => {
  const { config, layers } = smallLegacy();
  const { config: whole, ...model } = config as { config: { layers: object[] } };
  const batch = { batch_input_shape: [null, 4, 3] };
  const normalization = { class_name: 'Normalization', config: { name: 'n', axis: [-1], ...batch } };
  const changes = {
    kerasVersion: '2.15.0',
    config: { ...model, config: { ...whole, layers: [normalization, ...whole.layers] } },
    layers: [
      {
        name: 'n',
        weights: [
          { name: 'mean:0', shape: [3], values: [1, 2, 3] },
          { name: 'variance:0', shape: [3], values: [4, 5, 6] },
        ],
      },
      ...layers,
    ],
  };
  const { report } = await pruned(await models['.h5'](changes), {});
  assert.ok(report.control?.loss !== undefined);
  const note = report.notes.find(({ code }) => code === 'noteControlKept');
  assert.deepEqual(note?.args, { parameters: ['n/mean', 'n/variance'] });
});

test('a control without epochs or data is refused', async () => {
  await inPlace(await models['.h5'](), async (place) => {
    const { epochs: _, learningRate: __, ...untrained } = controlled;
    await assertRefuses(
      () => prune({ path: place.model, recipe: untrained }, recordedContext()),
      'optionNeedsEpochs',
      'control',
    );
  });
});
