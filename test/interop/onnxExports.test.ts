// Modules as people write them, exported by torch.onnx: evaluated, trained and made smaller, judged by ONNX Runtime.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createTrainingSession } from '../../extension/engine/createSession.ts';
import type { Loss } from '../../extension/model/loss.ts';
import { optimizerDefaults } from '../../extension/model/optimizer.ts';
import { sizeOf } from '../../extension/model/parameter.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import { withLoss } from '../../extension/training/lossGraph.ts';
import { seeded } from '../support/random.ts';
import { runPython, scratchFolder } from './environment.ts';
import { assertSame, type EvaluatedModel, evaluatedModel, inputsOf, type OnnxAnswer } from './onnxGraphs.ts';
import { unpacked } from './packedArray.ts';
import { shrinkFile } from './shrinkFile.ts';

let folder: string;
let remove: () => Promise<void>;
let answers: OnnxAnswer[];

before(async () => {
  ({ folder, remove } = await scratchFolder());
  answers = JSON.parse(await runPython('onnxExports.py', [folder])) as OnnxAnswer[];
});
after(() => remove());

describe('what torch.onnx writes', () => {
  test('computes what ONNX Runtime does', async (context) => {
    for (const answer of answers)
      await context.test(answer.file, async () => assertSame(join(folder, answer.file), answer));
  });

  test('learns, and what is masked stays 0', async (context) => {
    for (const answer of answers.filter(({ file }) => file.endsWith('free.onnx'))) {
      await context.test(answer.file, async () => {
        const model = await evaluatedModel(join(folder, answer.file));
        try {
          await assertLearns(model, answer);
        } finally {
          await model.close();
        }
      });
    }
  });

  test('computes the same without the units that were masked', async () => {
    const jobs: { masked: string; shrunk: string }[] = [];
    for (const { file } of answers) {
      // Whose inputs are states: the judge would not know what they mean.
      if (/^GivenStates/.test(file)) continue;
      // The older exporter states the width of a head as a share of the width of a layer, and the number of steps that it has seen.
      if (/^(MultiHead|SelfAttention|PaddedAttention|LastAsks)\.torchscript\.free/.test(file)) continue;
      const { files } = await shrinkFile(join(folder, file));
      if (files) jobs.push(files);
    }
    assert.ok(jobs.length >= 30, `only ${jobs.length} models could shrink`);
    const list = join(folder, 'jobs.json');
    await writeFile(list, JSON.stringify(jobs));
    const problems = JSON.parse(await runPython('judgeOnnx.py', [list])) as string[][];
    assert.deepEqual(
      problems.flatMap((own, i) => (own.length > 0 ? [[jobs[i].shrunk, ...own]] : [])),
      [],
    );
  });
});

/** Twenty steps of Adam towards random targets, which the same batch comes nearer to, with half of the kernels masked. */
async function assertLearns(model: EvaluatedModel, { inputs, outputs }: OnnxAnswer): Promise<void> {
  const next = seeded(11);
  for (const { gates } of model.layers) {
    for (const { kernel, recurrent } of gates) {
      for (const { parameter } of [kernel, recurrent])
        parameter.mask ??= Uint8Array.from({ length: sizeOf(parameter.shape) }, () => (next() < 0.5 ? 0 : 1));
    }
  }
  const { shape } = unpacked(outputs[0]);
  const width = shape.at(-1) ?? 1;
  const targets: Tensor = { shape, data: Float32Array.from({ length: sizeOf(shape) }, () => next()) };
  const loss: Loss = { name: 'mean_squared_error', head: 'linear', width, fromLogits: false };
  const graph = withLoss(model.graph, loss, targets).graph;
  const session = await createTrainingSession(graph, { optimizer: optimizerDefaults.adam, threads: 1 });
  try {
    const batch = { inputs: [...inputsOf(model.graph, inputs), targets] };
    const first = await session.step(batch, { learningRate: 0.01 });
    let last = first;
    for (let i = 0; i < 20; i++) last = await session.step(batch, { learningRate: 0.01 });
    assert.ok(last.loss < first.loss, `the loss went from ${first.loss} to ${last.loss}`);
    for (const [{ name, mask }, values] of await session.weights()) {
      if (mask)
        assert.ok(
          values.every((value, i) => mask[i] === 1 || value === 0),
          name,
        );
    }
  } finally {
    await session.dispose();
  }
}
