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

/** By torch.onnx, which leaves Constants and moves of its own beside them. */
const exported = ['weight_norm', 'parametrized', 'by_columns', 'both_layers'];

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
      if (!exported.includes(name))
        assert.deepEqual(operators.toSorted(), ['Constant', 'GRU', 'Squeeze', 'Transpose']);
      assert.ok(operators.includes('Constant'));
      for (const one of ['ReduceL2', 'Div', 'Mul']) assert.ok(!operators.includes(one), one);
    });
  }
});
