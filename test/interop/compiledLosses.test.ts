// The losses that a file says it was compiled with, and one step of training by each, judged by real Keras.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { EvaluateReport } from '../../extension/protocol/report.ts';
import { runCliJson, runPython, scratchFolder } from './environment.ts';
import { assertLoss, engines, stepLikeKeras } from './kerasStep.ts';

const { folder, remove } = await scratchFolder();
const cases: { name: string; loss: number }[] = JSON.parse(await runPython('compiledLosses.py', [folder]));
after(() => remove());

for (const { name, loss } of cases) {
  if (name.startsWith('sum')) {
    test(`${name}: the sum that is told beside the mean is the loss of evaluate() in one batch`, async () => {
      const files = [join(folder, `${name}.keras`), '--data', join(folder, `${name}.npz`), '--split', 'all'];
      const { metrics, notes } = await runCliJson<EvaluateReport>(['evaluate', ...files]);
      assertLoss(metrics.sum, loss);
      assert.deepEqual(
        notes.map(({ code }) => code),
        ['noteLossScaled'],
      );
    });
    continue;
  }
  for (const [engine, open] of Object.entries(engines))
    test(`${name}: a step of ${engine} has the loss of evaluate() and leads to the weights of Keras`, async () => {
      assertLoss(await stepLikeKeras(join(folder, name), ['x', 'y'], open), loss);
    });
}
