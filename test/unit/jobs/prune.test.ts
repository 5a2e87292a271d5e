import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openModel } from '../../../extension/formats/open.ts';
import { evaluate } from '../../../extension/jobs/evaluate.ts';
import { inspect } from '../../../extension/jobs/inspect.ts';
import { probe } from '../../../extension/jobs/probe.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import type { LayerReport, ModelState, PruneReport } from '../../../extension/protocol/report.ts';
import { leftScratch, type Place, placeOf, recordedContext, sha256 } from '../../support/jobContext.ts';
import { writeKerasArchive, writeKerasH5 } from '../../support/kerasFile.ts';
import { floats, integers } from '../../support/npy.ts';
import { root, shared, withoutShared } from '../../support/paths.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { small, smallArchive, smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses, messageFrom } from '../../support/throwsCode.ts';
import { npzBytes } from '../../support/zip.ts';

const write = scratchFiles();
const makers = {
  '.h5': (name = 'model.h5') => writeKerasH5(write(name, ''), smallLegacy()),
  '.keras': (name = 'model.keras') => writeKerasArchive(write(name, ''), smallArchive()),
};

/** An .npz of 20 samples for the small models. */
function smallData(): string {
  const next = seeded(6);
  const { steps, inputs, classes } = small;
  const x = floats([20, steps, inputs], randomFloats(20 * steps * inputs, next));
  const y = integers(
    [20],
    Array.from({ length: 20 }, () => Math.floor(next() * classes)),
  );
  return write('data.npz', npzBytes({ x, y }));
}

async function inPlace<T>(model: string, use: (place: Place) => Promise<T>): Promise<T> {
  const place = placeOf(model);
  try {
    return await use(place);
  } finally {
    place.remove();
  }
}

function run(place: Place, recipe: Recipe): Promise<PruneReport> {
  return prune({ path: place.model, recipe }, recordedContext());
}

/** Counts a model's weights and zeros by reading all of them. */
async function counted(path: string) {
  const model = await openModel(path);
  const recurrent = new Set(
    model.layers.flatMap(({ gates }) =>
      gates.flatMap((gate) => [gate.kernel.parameter, gate.recurrent.parameter]),
    ),
  );
  const count = { nonzero: 0, parameters: 0, prunable: 0, prunableZeros: 0 };
  for (const parameter of model.parameters) {
    const values = await parameter.read();
    const zeros = values.filter((value) => value === 0).length;
    count.parameters += values.length;
    count.nonzero += values.length - zeros;
    if (!recurrent.has(parameter)) continue;
    count.prunable += values.length;
    count.prunableZeros += zeros;
  }
  await model.close();
  return count;
}

async function assertConsistent(state: ModelState, path: string, originalPrunable: number): Promise<void> {
  const found = await counted(path);
  assert.equal(state.sparsity, found.prunableZeros / found.prunable);
  assert.equal(state.reduction, 1 - (found.prunable - found.prunableZeros) / originalPrunable);
  assert.deepEqual(state.sizes, {
    file: statSync(path).size,
    gzip: gzipSync(readFileSync(path), { level: 6 }).length,
    nonzero: found.nonzero,
    parameters: found.parameters,
  });
  assert.equal(state.parameters, found.parameters);
}

const examples: Record<string, { model: () => Promise<string> | string; skip?: string | false }> = {
  'a small .h5': { model: () => makers['.h5']() },
  'a small .keras': { model: () => makers['.keras']() },
  'the example': { model: () => join(root, 'examples/reber/reber.keras') },
  predmaint: {
    model: () => join(shared, 'models/predmaint/binary_model.h5'),
    skip: withoutShared && `skipped: ${withoutShared}`,
  },
};

for (const [name, { model, skip }] of Object.entries(examples)) {
  test(`pruning ${name}: the original stays, the figures are those of the files`, {
    skip: skip ?? false,
  }, async () => {
    await inPlace(await model(), async (place) => {
      const before = sha256(place.model);
      const { prunable } = await counted(place.model);
      // Only what is read back is of interest here, so the network is left uncomputed where it is large.
      const report = await run(place, { sparsity: 0.8 });
      assert.equal(sha256(place.model), before);
      assert.deepEqual(place.files().length, 2);
      await assertConsistent(report.before, place.model, prunable);
      await assertConsistent(report.after, report.output, prunable);
      assert.deepEqual(report.pruned, report.after);
      for (const { name: layer, sparsity, inputSize, hiddenSize, cell } of report.after.layers) {
        const size = { LSTM: 4, GRU: 3, RNN: 1 }[cell] * hiddenSize * (inputSize + hiddenSize);
        assert.equal(Math.round(sparsity * size), Math.round(0.8 * size), layer);
      }
      // Read from disk by a job of its own.
      const { reduction, sizes, divergence, loss, lossName, metrics, ...state } = report.after;
      assert.deepEqual(await inspect({ path: report.output }, recordedContext()), state);
      assert.equal(report.model, place.model);
      assert.equal(report.recipe.sparsity, 0.8);
      assert.ok(report.notes.some(({ code }) => code === 'noteFileNotSmaller'));
      assert.deepEqual(leftScratch(), []);
    });
  });
}

for (const suffix of ['.h5', '.keras'] as const) {
  test(`${suffix}: without data there is a divergence, the same for the same seed`, async () => {
    await inPlace(await makers[suffix](), async (place) => {
      const values: unknown[] = [];
      for (const seed of [undefined, 1, 2]) {
        const report = await run(place, { sparsity: 0.5, ...(seed !== undefined && { seed }) });
        const { divergence, loss } = report.after;
        assert.ok(divergence && divergence.value > 0);
        assert.deepEqual([divergence.kind, divergence.samples, divergence.steps], ['kl', 64, small.steps]);
        assert.equal(loss, undefined);
        assert.equal(report.before.divergence, undefined);
        values.push(divergence.value);
      }
      assert.equal(values[0], values[1]);
      assert.notEqual(values[1], values[2]);
      assert.deepEqual(
        place.files(),
        ['', '.pruned', '.pruned-2', '.pruned-3'].map((part) => `model${part}${suffix}`).sort(),
      );
    });
  });

  test(`${suffix}: with data the losses are those that evaluating the files gives`, async () => {
    await inPlace(await makers[suffix](), async (place) => {
      const data = smallData();
      const report = await run(place, { sparsity: 0.5, data });
      for (const [state, path] of [
        [report.before, place.model],
        [report.after, report.output],
      ] as const) {
        const { loss, lossName, metrics } = await evaluate({ path, data: { data } }, recordedContext());
        assert.deepEqual([state.loss, state.lossName, state.metrics], [loss, lossName, metrics]);
        assert.equal(state.divergence, undefined);
      }
      assert.deepEqual(report.data, { file: data, split: 'tail', samples: 4 });
      assert.notEqual(report.before.loss, report.after.loss);
    });
  });

  test(`${suffix}: the same model twice at once gives two files, alike`, async () => {
    await inPlace(await makers[suffix](), async (place) => {
      const outputs = [join(place.folder, `a${suffix}`), join(place.folder, `b${suffix}`)];
      const request = { path: place.model, recipe: { sparsity: 0.5 } };
      await Promise.all(outputs.map((output) => prune({ ...request, output }, recordedContext())));
      assert.deepEqual(readFileSync(outputs[0]), readFileSync(outputs[1]));
      assert.equal(place.files().length, 3);
    });
  });

  test(`${suffix}: two prunes without names write two files`, async () => {
    await inPlace(await makers[suffix](), async (place) => {
      const reports = await Promise.all([run(place, { sparsity: 0.2 }), run(place, { sparsity: 0.8 })]);
      assert.equal(new Set(reports.map(({ output }) => output)).size, 2);
      assert.deepEqual(
        place.files(),
        [`model${suffix}`, `model.pruned${suffix}`, `model.pruned-2${suffix}`].sort(),
      );
      for (const { output, after } of reports) {
        assert.equal((await inspect({ path: output }, recordedContext())).sparsity, after.sparsity);
      }
    });
  });

  test(`${suffix}: an inspect is answered while a prune runs`, async () => {
    await inPlace(await makers[suffix](), async (place) => {
      let done = false;
      const pruning = run(place, { sparsity: 0.5 }).then(() => {
        done = true;
      });
      const report = await inspect({ path: place.model }, recordedContext());
      assert.equal(done, false);
      assert.equal(report.sparsity, 0);
      await pruning;
    });
  });

  for (const compress of [false, true]) {
    test(`${suffix}${compress ? ' --compress' : ''}: given up at any moment, nothing is left and it says so`, async () => {
      await inPlace(await makers[suffix](), async (place) => {
        const before = sha256(place.model);
        const data = smallData();
        const whole = recordedContext();
        const output = join(place.folder, `out${suffix}`);
        const request = { path: place.model, recipe: { sparsity: 0.5, data, compress, batch: 2 }, output };
        await prune({ ...request, force: true }, whole);
        const stages = new Set(whole.seen.map(({ stage }) => stage));
        assert.deepEqual(
          [...stages],
          ['open', 'evaluateBefore', 'prune', 'write', 'verify', 'evaluateAfter'],
        );
        const shares = whole.seen.map(({ done }) => done);
        assert.deepEqual(
          shares,
          shares.toSorted((a, b) => a - b),
        );
        assert.ok(shares.every((share) => share >= 0 && share <= 1));
        const kept = sha256(output);
        for (let n = 0; n < whole.seen.length; n++) {
          let reports = 0;
          const context = recordedContext(() => reports++ === n);
          await assertRefuses(() => prune({ ...request, force: true }, context), 'cancelled');
          // What the user had before is as it was.
          assert.equal(sha256(output), kept, `cancelled at ${n}: ${whole.seen[n].stage}`);
          assert.deepEqual(place.files(), [`model${suffix}`, `out${suffix}`]);
        }
        assert.equal(sha256(place.model), before);
        assert.deepEqual(leftScratch(), []);
      });
    });
  }
}

for (const [suffix, make] of Object.entries(makers)) {
  test(`${suffix} --compress: the same bytes at any time of any day`, async ({ mock }) => {
    const model = await make();
    const bytes: Buffer[] = [];
    for (const now of ['2026-01-02T03:04:05Z', '2027-06-07T08:09:10Z']) {
      mock.timers.enable({ apis: ['Date'], now: Date.parse(now) });
      await inPlace(model, async (place) => {
        const { output } = await run(place, { sparsity: 0.5, compress: true });
        bytes.push(readFileSync(output));
      });
      mock.timers.reset();
    }
    assert.deepEqual(bytes[0], bytes[1]);
  });
}

test('a job that is given up before it begins does nothing', async () => {
  await inPlace(await makers['.h5'](), async (place) => {
    const context = recordedContext();
    context.abort.abort();
    for (const job of [
      () => prune({ path: place.model, recipe: { sparsity: 0.5 } }, context),
      () => inspect({ path: place.model }, context),
      () => probe({ path: place.model }, context),
      () => evaluate({ path: place.model, data: { data: smallData() } }, context),
    ]) {
      await assertRefuses(job, 'cancelled');
    }
    assert.deepEqual(place.files(), ['model.h5']);
  });
});

/** A Bidirectional LSTM. */
async function bidirectional(): Promise<string> {
  const { config, layers } = smallLegacy();
  const [lstm, dense] = layers;
  const bi = {
    class_name: 'Bidirectional',
    config: {
      name: 'both',
      batch_input_shape: [null, 4, 3],
      merge_mode: 'sum',
      layer: (config as { config: { layers: object[] } }).config.layers[0],
    },
  };
  const named = (direction: string) =>
    lstm.weights.map((weight) => ({ ...weight, name: weight.name.replace('lstm', `${direction}_lstm`) }));
  const last = (config as { config: { layers: object[] } }).config.layers[1];
  return writeKerasH5(write('both.h5', ''), {
    ...smallLegacy(),
    config: { class_name: 'Sequential', config: { name: 's', layers: [bi, last] } },
    layers: [{ name: 'both', weights: [...named('forward'), ...named('backward')] }, dense],
  });
}

test('a Bidirectional layer is two, pruned and judged like any other', async () => {
  await inPlace(await bidirectional(), async (place) => {
    const report = await run(place, { sparsity: 0.5, data: smallData() });
    assert.deepEqual(
      report.after.layers.map(({ name, sparsity }) => [name, sparsity]),
      [
        ['both/forward', 0.5],
        ['both/backward', 0.5],
      ],
    );
    assert.ok(Number.isFinite(report.after.loss));
    assert.notEqual(report.after.loss, report.before.loss);
  });
});

/** Behind an LSTM a layer that is not computed. */
async function withUnknownLayer(): Promise<string> {
  const model = smallLegacy();
  const [lstm, ...more] = (model.config as { config: { layers: object[] } }).config.layers;
  const unknown = { class_name: 'ZeroPadding1D', config: { name: 'padding' } };
  const layers = [lstm, unknown, ...more];
  const config = { class_name: 'Sequential', config: { name: 's', layers } };
  return writeKerasH5(write('unknown.h5', ''), { ...model, config });
}

test('a model with a layer that cannot be computed is inspected and pruned; evaluating names the layer', async () => {
  await inPlace(await withUnknownLayer(), async (place) => {
    const inspected = await inspect({ path: place.model }, recordedContext());
    assert.deepEqual(
      inspected.layers.map(({ name }) => name),
      ['lstm'],
    );
    assert.equal(inspected.notEvaluable?.code, 'layerUnsupported');
    const report = await run(place, { sparsity: 0.5 });
    assert.equal(report.after.sparsity, 0.5);
    assert.equal(report.after.divergence, undefined);
    const withData = await run(place, { sparsity: 0.5, data: smallData() });
    assert.ok(
      withData.notes.some(
        ({ code, cause }) => code === 'noteNotEvaluated' && cause?.args.layer === 'padding',
      ),
    );
    await assertRefuses(
      () => evaluate({ path: place.model, data: { data: smallData() } }, recordedContext()),
      'layerUnsupported',
      'padding',
      'ZeroPadding1D',
    );
  });
});

test('a model whose layers do not fit together is pruned without data all the same', async () => {
  const model = smallLegacy();
  const [lstm, dense] = model.layers;
  const wide = { ...dense.weights[0], shape: [small.classes, small.hidden] };
  const path = await writeKerasH5(write('misfit.h5', ''), {
    ...model,
    layers: [lstm, { name: 'dense', weights: [wide, dense.weights[1]] }],
  });
  await inPlace(path, async (place) => {
    const report = await run(place, { sparsity: 0.5 });
    assert.equal(report.after.sparsity, 0.5);
    assert.ok(
      report.notes.some(
        ({ code, cause }) => code === 'noteNotEvaluated' && cause?.code === 'graphUnsupported',
      ),
    );
    await assertRefuses(
      () => evaluate({ path, data: { data: smallData() } }, recordedContext()),
      'graphUnsupported',
      'dense',
    );
  });
});

test('pruning a pruned file: what was pruned counts, a lower target changes nothing and says so', async () => {
  await inPlace(await makers['.h5'](), async (place) => {
    const first = await run(place, { sparsity: 0.5 });
    const again = await prune({ path: first.output, recipe: { sparsity: 0.2 } }, recordedContext());
    assert.deepEqual(readFileSync(again.output), readFileSync(first.output));
    assert.ok(again.notes.some(({ code }) => code.startsWith('noteNothingPruned')));
    assert.equal(again.after.reduction, again.before.reduction);
    const more = await prune({ path: first.output, recipe: { sparsity: 0.8 } }, recordedContext());
    const zerosOf = (layer: LayerReport) =>
      Object.values(layer.gates).reduce(
        (sum, { kernel, recurrent }) => sum + kernel.zeros + recurrent.zeros,
        0,
      );
    assert.equal(more.after.layers.map(zerosOf)[0], 128);
  });
});

test('the optimizer state stays, and the report says so', async () => {
  const path = await writeKerasH5(write('state.h5', ''), smallLegacy(1, { optimizer: true }));
  await inPlace(path, async (place) => {
    const { notes } = await run(place, { sparsity: 0.5 });
    assert.ok(notes.some(({ code }) => code === 'noteOptimizerState'));
  });
});

test('the output is checked before any work: the original, another format, a file that is there', async () => {
  await inPlace(await makers['.h5'](), async (place) => {
    const attempt = (output: string, force = false) =>
      prune({ path: place.model, recipe: { sparsity: 0.5 }, output, force }, recordedContext());
    await assertRefuses(() => attempt(place.model, true), 'outputIsOriginal');
    await assertRefuses(() => attempt(join(place.folder, 'x.keras')), 'outputFormat');
    await attempt(join(place.folder, 'x.h5'));
    await assertRefuses(() => attempt(join(place.folder, 'x.h5')), 'outputExists');
    await attempt(join(place.folder, 'x.h5'), true);
    assert.deepEqual(place.files(), ['model.h5', 'x.h5']);
  });
});

test('weights that are not finite are refused by name, and nothing is written', async () => {
  const model = smallLegacy();
  const [lstm, dense] = model.layers;
  const values = [...Array.from(lstm.weights[1].values)];
  values[7] = Number.NaN;
  const layers = [
    { ...lstm, weights: [lstm.weights[0], { ...lstm.weights[1], values }, lstm.weights[2]] },
    dense,
  ];
  const path = await writeKerasH5(write('nan.h5', ''), { ...model, layers });
  await inPlace(path, async (place) => {
    const message = await messageFrom(() => run(place, { sparsity: 0.5 }));
    assert.deepEqual([message.code, message.args.parameter], ['nonFiniteWeights', 'lstm/recurrent_kernel']);
    assert.deepEqual(place.files(), ['nan.h5']);
  });
});

test('a probe names the recurrent layers and the format', async () => {
  assert.deepEqual(await probe({ path: await makers['.keras']() }, recordedContext()), {
    format: 'Keras 3.15.0',
    recurrentLayers: ['lstm'],
  });
  assert.deepEqual((await probe({ path: await bidirectional() }, recordedContext())).recurrentLayers, [
    'both/forward',
    'both/backward',
  ]);
});
