import assert from 'node:assert/strict';
import { gathered } from '../../extension/model/gateView.ts';
import type { Recipe } from '../../extension/protocol/recipe.ts';
import type { GateName } from '../../extension/protocol/report.ts';
import { applyPlan } from '../../extension/pruning/masks.ts';
import { planOf } from '../../extension/pruning/plan.ts';
import { type MemoryLayer, memoryLayer, memoryModel } from './memoryModel.ts';
import { seeded } from './random.ts';

/** [unit][input] */
type Matrix = readonly (readonly number[])[];

/** A plain RNN with this kernel and any recurrent one. */
export function rnn(kernel: Matrix): MemoryLayer {
  const layer = memoryLayer(
    { name: 'rnn', cell: 'RNN', inputSize: kernel[0].length, hiddenSize: kernel.length, biases: 0 },
    seeded(1),
  );
  for (const [unit, row] of kernel.entries())
    for (const [input, value] of row.entries()) layer.kernel.values[input * kernel.length + unit] = value;
  return layer;
}

/** Sets a layer's masks, and gives back the notes. */
export async function prune(layer: MemoryLayer, recipe: Recipe) {
  return applyPlan(planOf(recipe, memoryModel([layer])), { file: 'model.h5' });
}

/** The mask of a gate's kernel or recurrent kernel, row by row as text: `101 111`. */
export function shown(
  layer: MemoryLayer,
  matrix: 'kernel' | 'recurrent' = 'kernel',
  name: GateName = 'h',
): string {
  const view = (layer.gates.find((gate) => gate.name === name) ?? assert.fail(name))[matrix];
  const mask = Float32Array.from(view.parameter.mask ?? assert.fail('there is no mask'));
  const flags = gathered(view, mask);
  return Array.from({ length: view.rows }, (_, r) =>
    flags.slice(r * view.columns, (r + 1) * view.columns).join(''),
  ).join(' ');
}

/** The mask of such a kernel, pruned alone. */
export async function kernelMask(kernel: Matrix, recipe: Recipe): Promise<string> {
  const layer = rnn(kernel);
  await prune(layer, { exclude: 'rnn/recurrent', ...recipe });
  return shown(layer);
}
