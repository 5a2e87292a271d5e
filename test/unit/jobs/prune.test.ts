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
import type { ModelState } from '../../../extension/protocol/report.ts';
import { leftScratch, recordedContext, sha256 } from '../../support/jobContext.ts';
import { root, shared, withoutShared } from '../../support/paths.ts';
import { small } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { inPlace, makers, run, smallData } from './pruneJobs.ts';

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
