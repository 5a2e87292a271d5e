// Networks that read images before recurrent layers, judged by ONNX Runtime and PyTorch.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { Loss } from '../../extension/model/loss.ts';
import { withLoss } from '../../extension/training/lossGraph.ts';
import { runPython, scratchFolder } from './environment.ts';
import { gradientEngines } from './kerasGradients.ts';
import { assertClose, assertSame, evaluatedModel, inputsOf, type OnnxAnswer } from './onnxGraphs.ts';
import { type PackedArray, unpacked } from './packedArray.ts';
import { shrinkFile } from './shrinkFile.ts';

interface Answer extends OnnxAnswer {
  readonly targets: PackedArray;
  readonly loss: number;
  readonly gradients: Readonly<Record<string, PackedArray>>;
}

const { folder, remove } = await scratchFolder();
after(remove);
const answers = JSON.parse(await runPython('imageModels.py', [folder])) as Answer[];

describe('what torch.onnx writes of networks that read images', () => {
  for (const answer of answers) {
    test(`${answer.file} computes what ONNX Runtime does`, () =>
      assertSame(join(folder, answer.file), answer));

    for (const [engine, open] of Object.entries(gradientEngines))
      test(`${answer.file} has the loss and the gradients of PyTorch on ${engine}`, () =>
        assertGradients(answer, open));
  }

  test('computes the same without the units that were masked', async () => {
    const jobs: { masked: string; shrunk: string }[] = [];
    for (const { file } of answers) {
      const { files } = await shrinkFile(join(folder, file));
      if (files) jobs.push(files);
    }
    assert.equal(jobs.length, answers.length);
    const list = join(folder, 'jobs.json');
    await writeFile(list, JSON.stringify(jobs));
    const problems = JSON.parse(await runPython('judgeOnnx.py', [list])) as string[][];
    assert.deepEqual(
      problems.map((own, i) => [jobs[i].shrunk, ...own]).filter(({ length }) => length > 1),
      [],
    );
  });
});

/** The mean squared error to 1e-5 of it, each gradient to 1e-5 of its largest value. */
async function assertGradients(answer: Answer, open: (typeof gradientEngines)[string]): Promise<void> {
  const model = await evaluatedModel(join(folder, answer.file));
  const targets = unpacked(answer.targets);
  const width = targets.shape.at(-1) ?? 1;
  const loss: Loss = { name: 'mean_squared_error', head: 'linear', width, fromLogits: false };
  const { graph } = withLoss(model.graph, loss, targets);
  const session = await open(graph);
  try {
    const found = await session.gradients({ inputs: [...inputsOf(model.graph, answer.inputs), targets] });
    assert.ok(Math.abs(found.loss - answer.loss) <= 1e-5 * answer.loss, `loss ${found.loss}`);
    const wanted = Object.entries(answer.gradients);
    assert.ok(wanted.some(([, { shape }]) => shape.length === 4));
    for (const [name, packed] of wanted) {
      const parameter = model.parameters.find((one) => one.name === name);
      const gradient = parameter && found.gradients.get(parameter);
      assert.ok(gradient, name);
      const { shape, data } = unpacked(packed);
      const largest = Math.max(...Array.from(data, Math.abs));
      const scaled = (values: ArrayLike<number>) => Float32Array.from(values, (value) => value / largest);
      assertClose({ shape, data: scaled(gradient) }, { shape, data: scaled(data) });
    }
  } finally {
    await session.dispose();
    await model.close();
  }
}
