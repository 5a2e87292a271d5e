// Files of Keras 1, 2 and tf.keras, which Keras 3 cannot open: an independent forward in numpy is the judge.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { EvaluateReport } from '../../extension/protocol/report.ts';
import { runCliJson, runPython, scratchFolder, shared, withoutShared } from './environment.ts';
import { forward, largestDifference } from './forward.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

interface NumpyResult {
  outputs: PackedArray;
  loss: number;
  lossName: string;
  accuracy?: number;
  meanAbsoluteError?: number;
}

const { folder, remove } = await scratchFolder();
after(remove);
await runPython('makeLegacy.py', [folder]);
const names = JSON.parse(await readFile(join(folder, 'legacy.json'), 'utf8')) as string[];

async function numpy(model: string, data: string, ...arrays: string[]): Promise<NumpyResult> {
  return JSON.parse(await runPython('numpyForward.py', [model, data, ...arrays])) as NumpyResult;
}

function near(found: number | undefined, expected: number, tolerance: number, what: string): void {
  assert.ok(
    Math.abs(found! - expected) <= tolerance,
    `${what} is ${found}, expected ${expected} ± ${tolerance}`,
  );
}

/** The command line's loss and metrics against numpy's. */
async function agreesWithNumpy(model: string, data: string): Promise<NumpyResult> {
  const judge = await numpy(model, data);
  const ours = await runCliJson<EvaluateReport>(['evaluate', model, '--data', data]);
  assert.equal(ours.split, 'test');
  assert.equal(ours.lossName, judge.lossName);
  near(ours.loss, judge.loss, 1e-5 * Math.abs(judge.loss), 'loss');
  if (judge.accuracy !== undefined) near(ours.metrics.accuracy, judge.accuracy, 1e-9, 'accuracy');
  if (judge.meanAbsoluteError !== undefined) {
    near(
      ours.metrics.meanAbsoluteError,
      judge.meanAbsoluteError,
      1e-5 * judge.meanAbsoluteError,
      'mean error',
    );
  }
  return judge;
}

describe('layouts of older Keras versions', () => {
  for (const name of names) {
    const model = join(folder, `${name}.h5`);
    const data = join(folder, `${name}.npz`);

    test(`${name}: outputs as numpy computes them`, async () => {
      const { outputs } = await numpy(model, data);
      const [x] = JSON.parse(await runPython('packArrays.py', [data, 'x_test'])) as PackedArray[];
      const [ours] = await forward(model, [unpacked(x)]);
      assert.deepEqual([...ours.shape], outputs.shape);
      const worst = largestDifference(ours, unpacked(outputs));
      assert.ok(worst <= 1e-5, `largest difference ${worst}`);
    });

    test(`${name}: loss and metrics of the command line as numpy computes them`, async () => {
      await agreesWithNumpy(model, data);
    });
  }
});

describe('models from 2017 and 2020', { skip: withoutShared }, () => {
  const predmaint = join(shared, 'models/predmaint');

  test('failure within 30 cycles: accuracy 0.9785, cross-entropy 0.0555', async () => {
    const data = join(shared, 'data/cmapss_failure_within_30.npz');
    const judge = await agreesWithNumpy(join(predmaint, 'binary_model.h5'), data);
    near(judge.accuracy, 0.9785, 0.0001, 'accuracy');
    near(judge.loss, 0.0555, 0.0002, 'binary cross-entropy');
    assert.equal(judge.outputs.shape[0], 93);
  });

  test('remaining life: mean absolute error 12.22', async () => {
    const data = join(shared, 'data/cmapss_remaining_life.npz');
    const judge = await agreesWithNumpy(join(predmaint, 'regression_model.h5'), data);
    near(judge.meanAbsoluteError, 12.22, 0.005, 'mean absolute error');
  });

  for (const cell of ['lstm', 'gru']) {
    test(`circuitrnn, ${cell}: as numpy and as Keras 3 told to overlook time_major`, async () => {
      const model = join(shared, `models/circuitrnn/${cell}_model.h5`);
      const made = JSON.parse(await runPython('circuits.py', [model, join(folder, `${cell}.npz`)])) as {
        inputs: PackedArray;
        keras: PackedArray;
      };
      const [ours] = await forward(model, [unpacked(made.inputs)]);
      const judge = await agreesWithNumpy(model, join(folder, `${cell}.npz`));
      assert.ok(largestDifference(ours, unpacked(judge.outputs)) <= 1e-5, 'differs from numpy');
      assert.ok(largestDifference(ours, unpacked(made.keras)) <= 1e-5, 'differs from Keras');
    });
  }
});
