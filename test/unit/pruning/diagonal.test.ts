// Recurrent matrices that are diagonals: each row is what one unit reads of itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence } from '../../../extension/model/evidence.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { applyPlan } from '../../../extension/pruning/masks.ts';
import { planOf } from '../../../extension/pruning/plan.ts';
import { ColumnSaliency } from '../../../extension/training/evidence/columnSaliency.ts';
import { shown } from '../../support/maskText.ts';
import { memoryLayer, memoryModel } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';

/** Diagonals [1, 4H] with each gate's own values of 3 units. */
function diagonal(...gates: number[][]) {
  const options = { name: 'lstm', inputSize: 1, hiddenSize: 3, diagonal: true, biases: 0 };
  const layer = memoryLayer(options, seeded(1));
  layer.recurrent.values.set(gates.flat());
  return layer;
}

/** Gate by gate what stays of the diagonals. */
async function kept(layer: ReturnType<typeof diagonal>, recipe: Recipe, evidence?: Evidence) {
  await applyPlan(planOf(recipe, memoryModel([layer])), { file: 'model.tflite', evidence });
  return (['i', 'f', 'c', 'o'] as const).map((gate) => shown(layer, 'recurrent', gate));
}

const ones = [1, 1, 1];

test('wanda judges each row of a diagonal by what its unit puts out, beside kernels by their inputs', async () => {
  const layer = diagonal([1, 1, 1], [3, 1, 1], ones, ones);
  layer.kernel.values.fill(1);
  const inputNorms = new Map([
    ['lstm/kernel', Float32Array.of(0.5)],
    ['lstm/recurrent', Float32Array.of(0.25, 1, 0.125)],
  ]);
  // Below the kernel's 0.5 are 0.125 of the third unit in each gate and 0.25 of the first, but 3 · 0.25 of gate f.
  const recipe: Recipe = { criterion: 'wanda', scope: 'global', sparsity: 7 / 24 };
  const masks = await kept(layer, recipe, { inputNorms });
  assert.deepEqual(masks, ['0 1 0', '1 1 0', '0 1 0', '0 1 0']);
  assert.deepEqual(new Set(layer.kernel.mask), new Set([1]));
});

test('one unit’s way back goes in all gates at once, as a column would', async () => {
  // The second unit has the least over all gates, although not in gate i.
  const layer = diagonal([1, 2, 1], [1, 0.25, 1], [1, 0.25, 1], [1, 0.25, 1]);
  const masks = await kept(layer, { granularity: 'column', sparsity: 1 / 3, exclude: 'lstm/kernel' });
  assert.deepEqual(masks, Array(4).fill('1 0 1'));
});

test('input-importance judges a unit’s way back by all gates together', async () => {
  const layer = diagonal([1, 2, 3], ones, ones, ones);
  const parts = layer.gates.map(({ recurrent: view }) => {
    const part = { layer, matrix: 'recurrent' as const };
    return { matrixName: 'lstm/recurrent', view, part };
  });
  const sum = new ColumnSaliency(parts, ({ name }) =>
    name === layer.recurrent.name ? layer.recurrent.values : undefined,
  );
  // Products of the gates: 1 + 2, 2 − 3, 3 + 0; then the signs do not count.
  const gradient = Float32Array.of(1, 1, 1, 2, -3, 0, 0, 0, 0, 0, 0, 0);
  sum.add({ gradients: new Map([[layer.recurrent, gradient]]), rows: 1 });
  const evidence = sum.result();
  assert.deepEqual([...(evidence.columnSaliency?.get('lstm/recurrent') ?? [])], [3, 1, 3]);
  const recipe: Recipe = { criterion: 'input-importance', granularity: 'column', exclude: 'lstm/kernel' };
  assert.deepEqual(await kept(layer, { ...recipe, sparsity: 1 / 3 }, evidence), Array(4).fill('1 0 1'));
});
