// What models and files of other kinds are to a prune: two directions, layers that are not computed, zeros, optimizer state, NaN.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { evaluate } from '../../../extension/jobs/evaluate.ts';
import { inspect } from '../../../extension/jobs/inspect.ts';
import { probe } from '../../../extension/jobs/probe.ts';
import { prune } from '../../../extension/jobs/prune.ts';
import type { LayerReport } from '../../../extension/protocol/report.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { small, smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses, messageFrom } from '../../support/throwsCode.ts';
import { inPlace, makers, run, smallData, write } from './pruneJobs.ts';

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
  const unknown = { class_name: 'EinsumDense', config: { name: 'einsum' } };
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
      withData.notes.some(({ code, cause }) => code === 'noteNotEvaluated' && cause?.args.layer === 'einsum'),
    );
    await assertRefuses(
      () => evaluate({ path: place.model, data: { data: smallData() } }, recordedContext()),
      'layerUnsupported',
      'einsum',
      'EinsumDense',
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
