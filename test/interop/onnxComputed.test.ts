// ONNX models whose recurrent weights are computed of other constants in the file, before and after pruning: judged by ONNX Runtime.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { PruneReport } from '../../extension/protocol/report.ts';
import { runCliJson, runPython, scratchFolder } from './environment.ts';
import { assertLoss } from './kerasStep.ts';

const { folder, remove } = await scratchFolder();
after(remove);
const data = join(folder, 'data.npz');
const made = JSON.parse(await runPython('onnxComputed.py', [folder])) as { name: string; loss: number }[];
const reports: PruneReport[] = [];
for (const { name } of made) {
  const [model, output] = ['onnx', 'pruned.onnx'].map((end) => join(folder, `${name}.${end}`));
  const args = ['prune', model, '--out', output, '--data', data, '--loss', 'mse', '--sparsity', '0.6'];
  reports.push(await runCliJson<PruneReport>(args));
}
const judged = JSON.parse(await runPython('onnxComputed.py', ['--evaluate', folder])) as Record<
  string,
  { readonly loss: number; readonly operators: readonly string[] }
>;
const arithmetic = ['ReduceL2', 'Div', 'Mul', 'Add', 'Where', 'Expand'];

describe('weights that an ONNX file computes', () => {
  for (const [i, { name, loss }] of made.entries()) {
    test(`${name}: the losses before and after pruning are those of ONNX Runtime`, () => {
      const { before, after } = reports[i];
      assertLoss(before.loss, loss, 'before');
      assertLoss(after.loss, judged[name].loss, 'after');
      assert.ok(after.sparsity > 0.5, `${after.sparsity} is zero`);
    });

    test(`${name}: the pruned file holds the weights themselves`, () => {
      const { operators } = judged[name];
      assert.ok(operators.includes('Constant'));
      assert.deepEqual(
        operators.filter((one) => arithmetic.includes(one)),
        [],
      );
    });
  }
});
