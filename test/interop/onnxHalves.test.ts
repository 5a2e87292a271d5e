// ONNX models that compute in float16: losses before and after pruning are those of what ONNX Runtime puts out.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { PruneReport } from '../../extension/protocol/report.ts';
import { runCliJson, runPython, scratchFolder } from './environment.ts';
import { assertLoss } from './kerasStep.ts';

const { folder, remove } = await scratchFolder();
after(remove);
const made = JSON.parse(await runPython('onnxHalves.py', [folder])) as { name: string; loss: number }[];
const reports: PruneReport[] = [];
for (const { name } of made) {
  const [model, output, data] = ['onnx', 'pruned.onnx', 'npz'].map((end) => join(folder, `${name}.${end}`));
  const loss = name === 'classes' ? 'sparse_categorical_crossentropy' : 'mean_squared_error';
  const args = ['prune', model, '--out', output, '--data', data, '--loss', loss, '--sparsity', '0.6'];
  reports.push(await runCliJson<PruneReport>(args));
}
const left = JSON.parse(await runPython('onnxHalves.py', ['--evaluate', folder])) as Record<string, number>;

describe('a model of float16', () => {
  for (const [i, { name, loss }] of made.entries()) {
    test(`${name}: the losses before and after pruning are those of ONNX Runtime`, () => {
      const { before, after, notes } = reports[i];
      assertLoss(before.loss, loss, 'before');
      assertLoss(after.loss, left[name], 'after');
      assert.deepEqual(notes[0], { code: 'noteComputedAround', args: { types: 'float16' } });
    });
  }
});
