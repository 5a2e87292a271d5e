// Losses with one gate pruned alone, beside those of real Keras with its weights masked.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { SensitivityReport } from '../../extension/protocol/sensitivity.ts';
import { runCliJson, runPython, scratchFolder } from './environment.ts';

/** Relative. */
const tolerance = 1e-5;

const { folder, remove } = await scratchFolder();
after(remove);
const names = JSON.parse(await runPython('sensitivity.py', ['make', folder])) as string[];

describe('the loss with one gate pruned is that of Keras', () => {
  for (const name of names) {
    test(name, async () => {
      const [model, data, jobs] = ['keras', 'npz', 'json'].map((suffix) => join(folder, `${name}.${suffix}`));
      const args = ['sensitivity', model, '--data', data, '--levels', '0.3,0.7,0.95'];
      const { rows, baseline } = await runCliJson<SensitivityReport>(args);
      const unpruned = { ...rows[0], sparsity: 0, loss: baseline };
      await writeFile(jobs, JSON.stringify([unpruned, ...rows]));
      const losses = JSON.parse(await runPython('sensitivity.py', ['judge', model, data, jobs])) as number[];
      assert.equal(losses.length, rows.length + 1);
      for (const [i, { layer, matrix, gate, sparsity, loss }] of [unpruned, ...rows].entries()) {
        const what = `${layer}/${matrix}/${gate} at ${sparsity}: ${loss}, not ${losses[i]}`;
        assert.ok(loss !== null && Math.abs(loss - losses[i]) <= tolerance * Math.abs(losses[i]), what);
      }
      // Or nothing was pruned.
      assert.ok(new Set(losses).size > losses.length / 2);
    });
  }
});
