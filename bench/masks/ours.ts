import { applyPlan } from '../../extension/pruning/masks.ts';
import { planOf } from '../../extension/pruning/plan.ts';
import { memoryLayer, memoryModel } from '../../test/support/memoryModel.ts';
import { seeded } from '../../test/support/random.ts';
import type { Runner } from '../takeTurns.ts';
import type { Task } from './report.ts';

/** Masks of a stack of LSTM layers in memory, in Keras' layout; every read is a copy, as from a file. */
export function ours({ inputs, hidden, layers, sparsity }: Task): Runner {
  const next = seeded(1);
  const made = Array.from({ length: layers }, (_, i) =>
    memoryLayer({ name: `lstm_${i}`, inputSize: i === 0 ? inputs : hidden, hiddenSize: hidden }, next),
  );
  const model = memoryModel(made);
  const milliseconds = async () => {
    for (const parameter of model.parameters) delete parameter.mask;
    const start = performance.now();
    await applyPlan(planOf({ sparsity, scope: 'global' }, model), { file: 'in memory' });
    return performance.now() - start;
  };
  return {
    name: 'ours',
    run: async (steps) => {
      let sum = 0;
      for (let step = 0; step < steps; step++) sum += await milliseconds();
      return sum / steps;
    },
  };
}
