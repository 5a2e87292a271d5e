// `--engine auto` where TensorFlow is installed, by the built command line.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { PruneReport } from '../../extension/protocol/report.ts';
import { setupTensorflow } from '../../scripts/setupTensorflow.mjs';
import { writeKerasH5 } from '../support/kerasFile.ts';
import { floats, integers } from '../support/npy.ts';
import { randomFloats, seeded } from '../support/random.ts';
import { small, smallLegacy } from '../support/smallModels.ts';
import { npzBytes } from '../support/zip.ts';
import { runCliJson, scratchFolder } from './environment.ts';

const tensorflow = await setupTensorflow();
const { folder, remove } = await scratchFolder();
after(remove);

/** The small model for sequences of any length, with a class a step. */
async function stepwiseModel(): Promise<string> {
  const { config, ...rest } = smallLegacy();
  const text = JSON.stringify(config)
    .replace(`[null,${small.steps},${small.inputs}]`, `[null,null,${small.inputs}]`)
    .replace('"return_sequences":false', '"return_sequences":true');
  return writeKerasH5(join(folder, 'stepwise.h5'), { ...rest, config: text });
}

async function stepwiseData(steps: number): Promise<string> {
  const next = seeded(7);
  const arrays: Record<string, Buffer> = {};
  for (const [part, count] of Object.entries({ train: 48, val: 16, test: 16 })) {
    const x = randomFloats(count * steps * small.inputs, next);
    const y = Array.from({ length: count * steps }, (_, i) => (x[small.inputs * i] > 0 ? 1 : 0));
    arrays[`x_${part}`] = floats([count, steps, small.inputs], x);
    arrays[`y_${part}`] = integers([count, steps], y);
  }
  const path = join(folder, `steps${steps}.npz`);
  await writeFile(path, npzBytes(arrays));
  return path;
}

const model = await stepwiseModel();

function prune(data: string, place: string, ...flags: string[]): Promise<PruneReport> {
  process.env.LSTM_PRUNER_TENSORFLOW = place;
  process.env.LSTM_PRUNER_CHECKPOINTS = join(folder, 'checkpoints');
  const out = join(folder, 'out.h5');
  const chosen = ['--sparsity', '0.5', '--engine', 'auto', ...flags];
  return runCliJson(['prune', model, '--data', data, '--out', out, '--force', ...chosen]);
}

for (const steps of [20, 100]) {
  for (const flags of [['--epochs', '2', '--batch', '16'], []]) {
    const what = flags.length > 0 ? 'fine-tuning' : 'evaluating';
    test(`both engines try ${what} on ${steps} steps, and the report names the faster and both times`, async () => {
      const { engine, notes, after: state } = await prune(await stepwiseData(steps), tensorflow, ...flags);
      const chosen = notes.find(({ code }) => code === 'noteEngineChosen');
      assert.ok(chosen, JSON.stringify(notes));
      assert.equal(chosen.args.engine, engine);
      const both = [chosen.args.engine, chosen.args.other].map(String).sort();
      assert.match(both[0], /^TensorFlow \d/);
      assert.match(both[1], /^WebAssembly/);
      assert.ok(Number(chosen.args.milliseconds) <= Number(chosen.args.otherMilliseconds));
      assert.ok(Number.isFinite(state.loss));
    });
  }
}

test('a TensorFlow that does not load is left out with the reason', async () => {
  const nowhere = join(tmpdir(), 'no such folder');
  const { engine, notes } = await prune(await stepwiseData(20), nowhere, '--epochs', '1');
  assert.match(engine ?? '', /^WebAssembly/);
  const note = notes.find(({ code }) => code === 'noteEngineLeftOut');
  assert.equal(note?.args.engine, 'TensorFlow');
  assert.ok(String(note?.args.reason).length > 0);
});
