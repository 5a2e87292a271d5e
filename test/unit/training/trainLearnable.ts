import type { OptimizerSettings } from '../../../extension/model/optimizer.ts';
import { optimizerDefaults } from '../../../extension/model/optimizer.ts';
import type { FinetuneHooks } from '../../../extension/training/finetune.ts';
import type { FinetuneSettings, FinetuneTask } from '../../../extension/training/finetuneTask.ts';
import { startTraining } from '../../../extension/training/startTraining.ts';
import { type Learnable, part } from './learnable.ts';

const settings: FinetuneSettings = {
  epochs: 4,
  batch: 8,
  seed: 1,
  learningRate: 0.02,
  usualRate: 0.001,
  decay: 'none',
};

/** Trains the first 40 samples, validated on the other 20, and disposes of the session. */
export async function training<T>(
  model: Learnable,
  use: (task: FinetuneTask) => Promise<T>,
  changed: Partial<FinetuneSettings> = {},
  optimizer: OptimizerSettings = optimizerDefaults.adam,
): Promise<T> {
  const samples = { train: part(model.samples, 0, 40), validation: part(model.samples, 40, 60) };
  const { graph, loss } = model;
  const task = await startTraining(graph, { loss }, samples, optimizer, { ...settings, ...changed });
  try {
    return await use(task);
  } finally {
    await task.session.dispose();
  }
}

export const hooks: FinetuneHooks = { sparsity: () => 0, step: async () => {} };

export function bytes(arrays: Iterable<Float32Array>): string[] {
  return [...arrays].map((array) => Buffer.from(array.buffer).toString('hex'));
}
