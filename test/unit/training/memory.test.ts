// What becomes of a job where the WebAssembly engine's memory is too small for a batch.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { acquireRuntime, releaseRuntime } from '../../../extension/engine/wasm/runtime.ts';
import { optimizerDefaults } from '../../../extension/model/optimizer.ts';
import { evaluateGraph } from '../../../extension/training/evaluate.ts';
import type { ReportedSamples } from '../../../extension/training/samples.ts';
import { startTraining } from '../../../extension/training/startTraining.ts';
import { messageFrom } from '../../support/throwsCode.ts';
import { learnable } from './learnable.ts';

const model = learnable({ samples: 64, steps: 200, hidden: 32 });
/** One sample takes more than a megabyte. */
const long = learnable({ samples: 2, steps: 5000, hidden: 16 });
const { graph, loss, samples } = model;
const reported = { split: 'test', samples, loss, notes: [] } as unknown as ReportedSamples;
const evaluate = (batch: number) => evaluateGraph(graph, reported, { batch }, { threads: 1 });
const start = (batch: number, { graph, loss, samples } = model) => {
  const settings = { epochs: 1, batch, seed: 1, learningRate: 0.01, usualRate: 0.01, decay: 'none' } as const;
  const parts = { train: samples, validation: samples };
  return startTraining(graph, { loss }, parts, optimizerDefaults.adam, settings, { threads: 1 });
};

/** Does something with an engine whose memory may grow to so many bytes. */
async function within<T>(bytes: number, use: () => Promise<T>): Promise<T> {
  await acquireRuntime({ limit: bytes });
  try {
    return await use();
  } finally {
    await releaseRuntime();
  }
}

describe('where a batch does not fit into the memory', () => {
  test('an evaluation takes smaller ones, and comes to the same loss', async () => {
    const whole = await evaluate(64);
    const cut = await within(3 << 20, () => evaluate(64));
    assert.match(cut.engine, /^WebAssembly/);
    assert.equal(cut.samples, 64);
    assert.ok(Math.abs((cut.loss ?? 0) - (whole.loss ?? 1)) < 1e-6);
  });

  test('a training is refused before its first step, and the batch that is proposed fits', async () => {
    await within(6 << 20, async () => {
      const { code, args } = await messageFrom(() => start(64));
      assert.equal(code, 'batchMemory');
      assert.equal(args.batch, 64);
      assert.equal(args.limit, 6 << 20);
      const fits = Number(args.fits);
      assert.ok(fits >= 1 && fits < 64, `${fits}`);
      const { session } = await start(fits);
      assert.match(session.engine, /^WebAssembly/);
      assert.deepEqual(session.notes, []);
      await session.dispose();
      assert.equal((await messageFrom(() => start(2 * fits))).code, 'batchMemory');
    });
  });

  test('a training of which not one sample fits goes to the plain engine, which a note says', async () => {
    await within(1 << 20, async () => {
      const { session } = await start(2, long);
      assert.match(session.engine, /^TensorFlow.js .* cpu$/);
      assert.deepEqual(
        session.notes.map(({ code }) => code),
        ['noteEngineFallback'],
      );
      await session.dispose();
    });
  });
});
