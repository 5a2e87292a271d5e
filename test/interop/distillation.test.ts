// Losses and gradients of trainings that learn from the original, judged by PyTorch's autograd.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { EngineOptions, GradientResult } from '../../extension/engine/session.ts';
import type { Graph, GraphNode } from '../../extension/model/graph.ts';
import type { HeadKind, Loss } from '../../extension/model/loss.ts';
import { optimizerDefaults } from '../../extension/model/optimizer.ts';
import { asInFile } from '../../extension/model/parameter.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import type { Cell } from '../../extension/protocol/report.ts';
import { startTraining } from '../../extension/training/startTraining.ts';
import { openTeacher } from '../../extension/training/teacher.ts';
import type { Teaching } from '../../extension/training/teaching.ts';
import { setupTensorflow } from '../../scripts/setupTensorflow.mjs';
import { prune } from '../support/engineTable.ts';
import { Sketch, type TrainingCase } from '../support/trainingGraphs.ts';
import { described } from './describedCase.ts';
import { runPython, scratchFolder } from './environment.ts';
import { type PackedArray, packed, unpacked } from './packedArray.ts';

/** Largest difference that a gradient may have, as a share of its largest value. */
const tolerance = 1e-4;
const width = 3;
const engines: Record<string, EngineOptions> = {
  WebAssembly: { engine: 'wasm' },
  TensorFlow: { engine: 'tensorflow', tensorflow: await setupTensorflow() },
};

interface TaughtCase {
  readonly name: string;
  /** Up to the head, which ends it. */
  readonly model: TrainingCase;
  readonly head: HeadKind;
  readonly teaching: Teaching;
  readonly targets: Tensor;
  readonly masked: boolean;
}

interface Answer {
  readonly loss: number;
  readonly gradients: Readonly<Record<string, PackedArray>>;
}

const losses = {
  softmax: { name: 'sparse_categorical_crossentropy', fromLogits: true },
  sigmoid: { name: 'binary_crossentropy', fromLogits: true },
  linear: { name: 'mean_squared_error', fromLogits: false },
} as const satisfies Record<HeadKind, Pick<Loss, 'name' | 'fromLogits'>>;

function headNode(head: HeadKind): GraphNode[] {
  const base = { inputs: ['z'], outputs: ['y'], origin: 'head' };
  if (head === 'softmax') return [{ ...base, op: 'Softmax', axis: -1 }];
  return head === 'sigmoid' ? [{ ...base, op: 'Activation', activation: { op: 'Sigmoid' } }] : [];
}

function taughtCase(cell: Cell, head: HeadKind, teaching: Teaching, masked: boolean): TaughtCase {
  const sketch = new Sketch();
  const node = { inputs: ['x'], outputs: ['all', 'last'], ...(masked && { mask: 'mask' }) };
  sketch.recurrent(cell, [3, 8], { ...node, linearBeforeReset: true }, cell === 'GRU' ? 2 : 1);
  sketch.dense(masked ? 'all' : 'last', 'z', [8, width]);
  const mask = sketch.mask();
  const rows = masked ? mask.shape : mask.shape.slice(0, 1);
  const classes = sketch.classes(width, ...rows);
  const targets = head === 'softmax' ? classes : sketch.floats(...rows, width);
  if (head === 'sigmoid')
    for (const [i, value] of targets.data.entries()) targets.data[i] = value > 0 ? 1 : 0;
  const x: Tensor = sketch.floats(...mask.shape, 3);
  const nodes = [...sketch.nodes, ...headNode(head)];
  const inputs = [{ name: 'x', tensor: x }, ...(masked ? [{ name: 'mask', tensor: mask }] : [])];
  const graph: Graph = {
    inputs: inputs.map(({ name, tensor }) => ({
      name,
      shape: [null, ...tensor.shape.slice(1)],
      dtype: 'float32',
    })),
    nodes,
    outputs: [{ name: head === 'linear' ? 'z' : 'y', ...(masked && { mask: 'mask' }) }],
  };
  const { temperature, mix = 'no' } = teaching;
  const name = `${cell} of ${head} outputs${masked ? ', masked' : ''}, as ${teaching.head}, T ${temperature}, mix ${mix}`;
  const tensors = inputs.map(({ tensor }) => tensor);
  return {
    name,
    model: { name, graph, parameters: sketch.parameters, inputs: tensors },
    head,
    teaching,
    targets,
    masked,
  };
}

const cases = (['LSTM', 'GRU', 'RNN'] as const).flatMap((cell) =>
  (['softmax', 'sigmoid', 'linear'] as const).flatMap((head) =>
    [false, true].flatMap((masked) => {
      const temperature = head === 'linear' ? 1 : 3;
      return [
        taughtCase(cell, head, { head, temperature, mix: 0.3 }, masked),
        taughtCase(cell, head, { head, temperature }, masked),
        taughtCase(cell, head, { head: 'linear', temperature: 1, mix: 0.8 }, masked),
      ];
    }),
  ),
);
let answers: Answer[];
let remove: () => Promise<void>;

before(async () => {
  const scratch = await scratchFolder();
  remove = scratch.remove;
  const jobs = join(scratch.folder, 'cases.json');
  for (const { model } of cases) prune(model, 0.6);
  await writeFile(jobs, JSON.stringify(await Promise.all(cases.map(plain))));
  answers = JSON.parse(await runPython('distillation.py', [jobs])) as Answer[];
});
after(() => remove());

for (const [name, engine] of Object.entries(engines)) {
  for (const [i, one] of cases.entries()) {
    test(`${name}: ${one.name}`, async () => compare(one, await gradientsOf(one, engine), answers[i]));
  }
}

/** Of the first batch of a training, by the way of a job. */
async function gradientsOf(one: TaughtCase, engine: EngineOptions): Promise<GradientResult> {
  const { model, teaching, targets, head } = one;
  const { graph, parameters, inputs } = model;
  const teacher = await openTeacher(graph, parameters, teaching, engine);
  const samples = { inputs, targets, count: targets.shape[0] };
  const loss: Loss | undefined = teaching.mix === undefined ? undefined : { ...losses[head], head, width };
  const settings = { epochs: 1, batch: 9, seed: 1, learningRate: 1, usualRate: 1, decay: 'none' } as const;
  const parts = { train: samples, validation: samples };
  const task = await startTraining(graph, { loss, teacher }, parts, optimizerDefaults.adam, settings, engine);
  try {
    return await task.session.gradients({ inputs: await task.train.slice(0, samples.count) });
  } finally {
    await task.session.dispose();
    await teacher.dispose();
  }
}

/** A case for distillation.py. */
async function plain({ model, head, teaching, targets, masked }: TaughtCase): Promise<object> {
  const { graph, parameters } = model;
  const nodes = graph.nodes.filter(({ origin }) => origin !== 'head');
  const student = { ...model, graph: { ...graph, nodes } };
  const original = (await asInFile(parameters, () => described(student))) as { parameters: object };
  return {
    ...(await described(student)),
    teacher: original.parameters,
    output: 'z',
    targets: packed(targets),
    mask: masked ? 'mask' : null,
    head,
    by: teaching.head,
    temperature: teaching.temperature,
    mix: teaching.mix ?? null,
  };
}

/** Masked weights have no gradient; PyTorch knows no masks and gives one to all. */
function compare({ model }: TaughtCase, { loss, gradients }: GradientResult, expected: Answer): void {
  assert.ok(Math.abs(loss - expected.loss) <= 1e-5 * expected.loss, `${loss}, not ${expected.loss}`);
  for (const parameter of model.parameters) {
    const { name, mask } = parameter;
    const found = gradients.get(parameter);
    const { data } = unpacked(expected.gradients[name]);
    assert.equal(found?.length, data.length, name);
    let [difference, largest] = [0, 0];
    for (const [i, value] of (found ?? []).entries()) {
      if (mask?.[i] === 0) {
        assert.equal(value, 0, name);
        continue;
      }
      difference = Math.max(difference, Math.abs(value - data[i]));
      largest = Math.max(largest, Math.abs(data[i]));
    }
    assert.ok(
      largest > 0 && difference <= tolerance * largest,
      `${name}: off by ${difference} of ${largest}`,
    );
  }
}
