// Trainings that learn from what the original puts out.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSession } from '../../../extension/engine/createSession.ts';
import { acquireRuntime, releaseRuntime, runtime } from '../../../extension/engine/wasm/runtime.ts';
import type { HeadKind } from '../../../extension/model/loss.ts';
import { optimizerDefaults } from '../../../extension/model/optimizer.ts';
import { asInFile } from '../../../extension/model/parameter.ts';
import type { Tensor } from '../../../extension/model/tensor.ts';
import { compareModels } from '../../../extension/training/compareModels.ts';
import { divergenceOf } from '../../../extension/training/divergence.ts';
import { Feed } from '../../../extension/training/feed.ts';
import { finetune } from '../../../extension/training/finetune.ts';
import type { FinetuneSettings, FinetuneTask } from '../../../extension/training/finetuneTask.ts';
import { Meter } from '../../../extension/training/meter.ts';
import { type Aims, startTraining } from '../../../extension/training/startTraining.ts';
import { openTeacher, type Teacher } from '../../../extension/training/teacher.ts';
import type { Teaching } from '../../../extension/training/teaching.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { type Learnable, learnable, maskHalf, part } from './learnable.ts';
import { tensor } from './losses.ts';
import { bytes, hooks } from './trainLearnable.ts';

const settings: FinetuneSettings = {
  ...{ epochs: 5, batch: 8, seed: 1, learningRate: 0.02, usualRate: 0.001, decay: 'none' },
};

/** A model whose recurrent layer has lost half of its weights. */
function halved(): Learnable {
  const model = learnable();
  for (const parameter of [model.layer.kernel, model.layer.recurrent]) maskHalf(parameter);
  return model;
}

/** Trains the first 40 samples, validated on the other 20, and disposes of everything. */
async function learning<T>(
  model: Learnable,
  teaching: Teaching,
  aims: Aims,
  use: (task: FinetuneTask, teacher: Teacher) => Promise<T>,
  changed: Partial<FinetuneSettings> = {},
): Promise<T> {
  const parts = { train: part(model.samples, 0, 40), validation: part(model.samples, 40, 60) };
  const teacher = await openTeacher(model.graph, model.parameters, teaching);
  try {
    const own = { ...settings, ...changed };
    const task = await startTraining(model.graph, { ...aims, teacher }, parts, optimizerDefaults.adam, own);
    try {
      return await use(task, teacher);
    } finally {
      await task.session.dispose();
    }
  } finally {
    await teacher.dispose();
  }
}

/** Outputs before the head, masks applied or not. */
async function logits(model: Learnable, inputs: readonly Tensor[], original: boolean): Promise<Tensor> {
  const open = () => createSession(model.graph);
  const session = original ? await asInFile(model.parameters, open) : await open();
  const [values] = await session.observe(inputs, ['z']);
  await session.dispose();
  return values;
}

function scaled({ shape, data }: Tensor, factor: number): Tensor {
  return tensor(
    shape,
    Array.from(data, (value) => value * factor),
  );
}

function near(found: number, expected: number): void {
  assert.ok(Math.abs(found - expected) < 1e-6 * Math.max(1, expected), `${found} is not ${expected}`);
}

describe('the loss of a distillation', () => {
  for (const [mix, temperature] of [
    [0.3, 2],
    [1, 4],
    [0, 1],
  ]) {
    test(`is (1 − ${mix}) · L(y) + ${mix} · ${temperature}² · KL(teacher ‖ student) at T = ${temperature}`, async () => {
      const model = halved();
      const { inputs, targets } = part(model.samples, 0, 8);
      const student = await logits(model, inputs, false);
      const teacher = await logits(model, inputs, true);
      const meter = new Meter(model.loss);
      meter.add(student, targets);
      const [p, q] = [teacher, student].map((values) => scaled(values, 1 / temperature));
      const divergence = divergenceOf(p, q, 'sigmoid')?.value ?? Number.NaN;
      assert.ok(divergence > 1e-4);
      await learning(model, { head: 'sigmoid', temperature, mix }, { loss: model.loss }, async (task) => {
        const batch = { inputs: await task.train.slice(0, 8) };
        const { loss, rows } = await task.session.gradients(batch);
        near(loss, (1 - mix) * meter.result().loss + mix * temperature ** 2 * divergence);
        assert.equal(rows, 8);
      });
    });
  }

  test('of linear outputs is the squared error to the teacher’s', async () => {
    const model = halved();
    const { inputs } = part(model.samples, 0, 8);
    const [p, q] = [await logits(model, inputs, true), await logits(model, inputs, false)];
    const error = Array.from(p.data, (value, i) => (value - q.data[i]) ** 2).reduce((a, b) => a + b) / 8;
    await learning(model, { head: 'linear', temperature: 1 }, {}, async (task) => {
      near((await task.session.gradients({ inputs: await task.train.slice(0, 8) })).loss, error);
    });
  });
});

for (const head of ['sigmoid', 'linear'] as const satisfies HeadKind[]) {
  test(`without targets a pruned model comes back to the original's outputs (${head})`, async () => {
    const model = halved();
    const { targets, ...held } = part(model.samples, 40, 60);
    const original = { graph: model.graph, parameters: model.parameters };
    const distance = async () => {
      const { divergence } = await compareModels(model.graph, original, held, {});
      assert.deepEqual([divergence?.kind, divergence?.samples, divergence?.steps], ['kl', 20, 5]);
      return divergence?.value ?? Number.NaN;
    };
    const before = await distance();
    const { validationLossBefore, epochs, weights } = await learning(
      { ...model, samples: { ...model.samples, targets: tensor([60, 1], Array(60).fill(Number.NaN)) } },
      { head, temperature: 1 },
      {},
      (task) => finetune(task, hooks),
      { epochs: 30 },
    );
    const { validationLoss, loss } = epochs[29];
    assert.ok(validationLoss < validationLossBefore / 4, `${validationLossBefore} to ${validationLoss}`);
    assert.ok(loss < epochs[0].loss);
    // At T = 1 the loss of validation is what a report would call the divergence.
    if (head === 'sigmoid') near(validationLossBefore, before);
    for (const [parameter, values] of weights) parameter.trained = values;
    const after = await distance();
    if (head === 'sigmoid') near(validationLoss, after);
    assert.ok(after < before / 4, `${before} to ${after}`);
  });
}

test('beside a teacher epochs are compared by the targets alone', async () => {
  const model = halved();
  const teaching = { head: 'sigmoid', temperature: 3, mix: 0.9 } as const;
  await learning(model, teaching, { loss: model.loss }, async (task) => {
    const { validationLossBefore } = await finetune(task, hooks);
    const { inputs, targets } = part(model.samples, 40, 60);
    const meter = new Meter(model.loss);
    meter.add(await logits(model, inputs, false), targets);
    near(validationLossBefore, meter.result().loss);
  });
});

test('the teacher is the original, whatever masks are on, and leaves them on', async () => {
  const model = halved();
  const { mask } = model.layer.kernel;
  await learning(model, { head: 'linear', temperature: 1 }, {}, async (_, teacher) => {
    const { inputs } = part(model.samples, 0, 4);
    assert.deepEqual((await teacher.targets(inputs)).data, (await logits(model, inputs, true)).data);
    assert.notDeepEqual((await teacher.targets(inputs)).data, (await logits(model, inputs, false)).data);
  });
  assert.ok(mask && model.layer.kernel.mask === mask);
});

test('what the teacher puts out is computed once for every sample, and where that is too much anew with the same result', async () => {
  const counted = async (most?: number): Promise<[calls: number, weights: string[]]> => {
    const model = halved();
    return learning(model, { head: 'sigmoid', temperature: 2 }, {}, async (task, teacher) => {
      let samples = 0;
      const counting = {
        width: teacher.width,
        teaching: teacher.teaching,
        targets: (inputs: readonly Tensor[]) => {
          samples += inputs[0].shape[0];
          return teacher.targets(inputs);
        },
      } as Teacher;
      const train = new Feed(task.train.inputs, undefined, counting, most);
      const { weights } = await finetune({ ...task, train }, hooks);
      return [samples, bytes(weights.values())];
    });
  };
  const [[once, kept], [always, anew], [edge]] = [await counted(), await counted(39), await counted(40)];
  assert.deepEqual([once, always, edge], [40, 5 * 40, 40]);
  assert.deepEqual(kept, anew);
});

test('masked steps count neither with the teacher nor in how large a loss may be', async () => {
  const model = halved();
  // The mask says that all but the first two samples of a batch of four have no step at all.
  const graph = {
    ...model.graph,
    inputs: [...model.graph.inputs, { name: 'real', shape: [null, 1], dtype: 'float32' as const }],
    outputs: [{ name: 'y', mask: 'real' }],
  };
  const { inputs } = part(model.samples, 0, 4);
  const real = tensor([4, 1], [1, 1, 0, 0]);
  const samples = { inputs: [...inputs, real], count: 4 };
  const teacher = await openTeacher(graph, model.parameters, { head: 'sigmoid', temperature: 1 });
  const parts = { train: samples, validation: samples };
  const task = await startTraining(graph, { teacher }, parts, optimizerDefaults.adam, settings);
  const { loss, rows } = await task.session.gradients({ inputs: await task.train.slice(0, 4) });
  assert.deepEqual([rows, task.rows], [2, 4]);
  const two = part(model.samples, 0, 2).inputs;
  near(
    loss,
    divergenceOf(await logits(model, two, true), await logits(model, two, false), 'sigmoid')?.value ?? 0,
  );
  await task.session.dispose();
  await teacher.dispose();
});

test('teacher and student leave nothing in the engine, also where the batches are too large to begin', async () => {
  const model = learnable({ samples: 60, steps: 200, hidden: 32 });
  const teaching = { head: 'sigmoid', temperature: 1 } as const;
  const epoch = (batch: number) =>
    learning(model, teaching, {}, (task) => finetune(task, hooks), { epochs: 1, batch });
  await acquireRuntime({ limit: 4 << 20 });
  try {
    const { memory } = runtime();
    const before = memory.liveBytes;
    await assertRefuses(() => epoch(40), 'batchMemory');
    assert.equal(memory.liveBytes, before);
    await epoch(2);
    assert.equal(memory.liveBytes, before);
  } finally {
    await releaseRuntime();
  }
  assert.throws(runtime, /has not been started/);
});
