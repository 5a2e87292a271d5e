// Models that compute in float16 and bfloat16: losses before and after pruning are those that real Keras measures.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { PruneReport } from '../../extension/protocol/report.ts';
import { runCliJson, runPython, scratchFolder } from './environment.ts';
import { assertLoss } from './kerasStep.ts';

const models = [
  'recurrent',
  'masked',
  'tokens',
  'classes',
  'wide',
  'yes',
  'tagger',
  'operations',
  'attention',
  'attentions',
  'many_heads',
  'long_mean',
  'hard_gates',
  'activations',
  'norms',
  'gate_by_gate',
  'wrapped',
];
const policies = ['mixed_float16', 'mixed_bfloat16'];
const names = policies.flatMap((policy) => models.map((model) => `${policy}_${model}`));

let folder: string;
let remove: () => Promise<void>;
let original: Map<string, number>;
let left: Record<string, number>;
const reports = new Map<string, PruneReport>();

before(async () => {
  ({ folder, remove } = await scratchFolder());
  const made = JSON.parse(await runPython('halves.py', [folder])) as { name: string; loss: number }[];
  original = new Map(made.map(({ name, loss }) => [name, loss]));
  assert.deepEqual([...original.keys()], names);
  for (const name of names) {
    const [model, output, data] = ['keras', 'pruned.keras', 'npz'].map((end) =>
      join(folder, `${name}.${end}`),
    );
    const args = ['prune', model, '--out', output, '--data', data, '--sparsity', '0.6'];
    reports.set(name, await runCliJson<PruneReport>(args));
  }
  left = JSON.parse(await runPython('halves.py', ['--evaluate', folder]));
});
after(() => remove());

for (const policy of policies) {
  describe(policy, () => {
    for (const model of models) {
      test(`${model}: the losses before and after pruning are those of evaluate()`, () => {
        const name = `${policy}_${model}`;
        const { before, after, notes } = reports.get(name) ?? assert.fail();
        assertLoss(before.loss, original.get(name) ?? Number.NaN, 'before');
        assertLoss(after.loss, left[name], 'after');
        const types = policy.replace('mixed_', '');
        assert.deepEqual(notes[0], { code: 'noteComputedInHalves', args: { types } });
        assert.ok(!notes.some(({ code }) => code === 'noteRoundedLess'));
      });
    }
  });
}
