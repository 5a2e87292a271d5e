// Gradients of the training sessions, judged by PyTorch's autograd.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { cpuEngine } from '../../extension/engine/cpu/engine.ts';
import { createTrainingSession } from '../../extension/engine/createSession.ts';
import type { GradientResult, TrainingSession } from '../../extension/engine/session.ts';
import { tensorflowEngine } from '../../extension/engine/tensorflow/engine.ts';
import { trainingSession } from '../../extension/engine/trainingSession.ts';
import { optimizerDefaults } from '../../extension/model/optimizer.ts';
import { setupTensorflow } from '../../scripts/setupTensorflow.mjs';
import { prune } from '../support/engineTable.ts';
import type { TrainingCase } from '../support/trainingGraphs.ts';
import { described } from './describedCase.ts';
import { runPython, scratchFolder } from './environment.ts';
import { gradientCases } from './gradientCases.ts';
import { type PackedArray, unpacked } from './packedArray.ts';

/** Largest difference that a gradient may have, as a share of its largest value. */
const tolerance = 1e-4;
const shares = [0, 0.9];
const tensorflow = await setupTensorflow();
const engines: Record<string, (one: TrainingCase) => Promise<TrainingSession>> = {
  'TensorFlow.js': ({ graph }) => trainingSession(graph, cpuEngine, optimizerDefaults.adam, []),
  WebAssembly: async ({ graph }) => {
    const session = await createTrainingSession(graph, { engine: 'wasm', optimizer: optimizerDefaults.adam });
    assert.match(session.engine, /WebAssembly/);
    return session;
  },
  TensorFlow: async ({ graph }) =>
    trainingSession(graph, await tensorflowEngine(tensorflow), optimizerDefaults.adam, []),
};

interface Answer {
  readonly loss: number;
  readonly gradients: Readonly<Record<string, PackedArray>>;
}

const cases = shares.flatMap((share) => gradientCases().map((one) => ({ one, share })));
let answers: Answer[];
let remove: () => Promise<void>;

before(async () => {
  const scratch = await scratchFolder();
  remove = scratch.remove;
  const jobs = join(scratch.folder, 'cases.json');
  for (const { one, share } of cases) prune(one, share);
  await writeFile(jobs, JSON.stringify(await Promise.all(cases.map(({ one }) => described(one)))));
  answers = JSON.parse(await runPython('gradients.py', [jobs])) as Answer[];
});
after(() => remove());

for (const [engine, open] of Object.entries(engines)) {
  describe(`${engine} differentiates like PyTorch`, () => {
    for (const [i, { one, share }] of cases.entries()) {
      test(`${one.name}, ${100 * share} % masked`, async () => {
        const session = await open(one);
        const result = await session.gradients({ inputs: one.inputs });
        await session.dispose();
        compare(one, result, answers[i], true);
      });
      if (share === 0) continue;
      test(`${one.name}, ${100 * share} % masked, and the masked ones too`, async () => {
        const session = await open(one);
        const result = await session.denseGradients({ inputs: one.inputs });
        await session.dispose();
        compare(one, result, answers[i], false);
      });
    }
  });
}

/** @param held whether masked weights have no gradient; PyTorch knows no masks and gives one to all */
function compare(
  one: TrainingCase,
  { loss, gradients }: GradientResult,
  expected: Answer,
  held: boolean,
): void {
  assert.ok(
    Math.abs(loss - expected.loss) <= 1e-5 * Math.abs(expected.loss),
    `${loss}, not ${expected.loss}`,
  );
  assert.equal(gradients.size, one.parameters.length);
  for (const parameter of one.parameters) {
    const found = gradients.get(parameter) as Float32Array;
    const { data } = unpacked(expected.gradients[parameter.name]);
    const { mask, name } = parameter;
    assert.equal(found.length, data.length, name);
    let [difference, largest] = [0, 0];
    for (const [j, value] of found.entries()) {
      if (held && mask?.[j] === 0) assert.equal(value, 0, `${name}: a masked weight has a gradient`);
      else {
        difference = Math.max(difference, Math.abs(value - data[j]));
        largest = Math.max(largest, Math.abs(data[j]));
      }
      assert.ok(Number.isFinite(value), `${name}: ${value}`);
    }
    // Where nothing of a parameter is kept, or all of its gradient is 0, there is nothing to divide by.
    assert.ok(difference <= tolerance * largest, `${name}: off by ${difference} of ${largest}`);
  }
}
