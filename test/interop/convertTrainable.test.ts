// What Keras would not train, neither Keras nor stock TensorFlow.js trains of a converted model.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { convert } from '../../extension/jobs/convert.ts';
import { recordedContext } from '../support/jobContext.ts';
import { outputIn } from './converted.ts';
import { runNode, runPython, scratchFolder } from './environment.ts';
import { packed } from './packedArray.ts';
import type { JudgedWeight, StockJob, StockJudgement } from './tfjs/judge.ts';

const { folder, remove } = await scratchFolder();
after(remove);
const made: { frozen: { name: string; weights: JudgedWeight[] }[] } = JSON.parse(
  await runPython('configurations.py', [folder]),
);
const web: string[] = [];
const back: string[] = [];
for (const { name } of made.frozen) {
  const path = join(folder, `${name}.keras`);
  const [there, again] = [outputIn(folder, name, 'tfjs'), outputIn(folder, `${name}.back`, 'keras')];
  await convert({ path, output: there }, recordedContext());
  await convert({ path: there, output: again }, recordedContext());
  web.push(there);
  back.push(again);
}
const found: Record<string, JudgedWeight[][]> = {
  'TensorFlow.js': await byStockTfjs(web),
  Keras: JSON.parse(await runPython('configurations.py', ['--weights', ...back])),
};

for (const [owner, all] of Object.entries(found))
  for (const [i, { name, weights }] of made.frozen.entries())
    test(`${name}: ${owner} trains what Keras trained, and no table that is there for masks`, () => {
      const left = [...all[i]];
      for (const { sum, size, trainable } of weights) {
        const at = left.findIndex((one) => one.size === size && Math.abs(one.sum - sum) < 1e-5);
        assert.equal(left[at]?.trainable, trainable, `the weight of ${size} values`);
        left.splice(at, 1);
      }
      assert.equal(left.length > 0, name === 'frozen_and_masked', 'weights that were added');
      assert.ok(left.every(({ trainable }) => !trainable));
    });

async function byStockTfjs(paths: readonly string[]): Promise<JudgedWeight[][]> {
  const file = join(folder, 'jobs.json');
  const jobs = paths.map((path, i): StockJob => {
    const shape = /embedding|masked/.test(made.frozen[i].name) ? [1, 4] : [1, 4, 3];
    return { path, inputs: [packed({ shape, data: new Float32Array(4 * (shape[2] ?? 1)).fill(1) })] };
  });
  await writeFile(file, JSON.stringify(jobs));
  const judged: StockJudgement[] = JSON.parse(await runNode('tfjs/judge.ts', [file]));
  return judged.map(({ weights }) => [...weights]);
}
