import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Graph } from '../../../extension/model/graph.ts';
import { readMasked } from '../../../extension/model/parameter.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { withinBudget } from '../../../extension/pruning/budget.ts';
import { applyPlan } from '../../../extension/pruning/masks.ts';
import { planOf } from '../../../extension/pruning/plan.ts';
import { recordedRecipe } from '../../../extension/pruning/recipe.ts';
import { memoryLayer, memoryModel, memoryParameter } from '../../support/memoryModel.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

const file = 'model.h5';

/**
 * A plain RNN from 3 inputs to 4 units over 5 steps, then a dense layer from 4 to 2: 12 + 16 prunable weights, 4 biases, 8 + 2 in the dense
 * layer, 42 in all. No weight is 0.
 */
function smallModel({ steps = 5 }: { steps?: number | null } = {}) {
  const next = seeded(1);
  const layer = memoryLayer({ name: 'rnn', cell: 'RNN', inputSize: 3, hiddenSize: 4 }, next);
  const weight = memoryParameter('dense/kernel', [4, 2], randomFloats(8, next));
  const bias = memoryParameter('dense/bias', [2], [1, 1]);
  const tanh = { op: 'Tanh' } as const;
  const graph: Graph = {
    inputs: [{ name: 'x', shape: [null, steps, 3], dtype: 'float32' }],
    nodes: [
      {
        op: 'RNN',
        layer,
        inputs: ['x'],
        outputs: ['all', 'last'],
        origin: 'rnn',
        gateActivation: tanh,
        activation: tanh,
      },
      { op: 'MatMul', weight, bias, inputs: ['last'], outputs: ['y'], origin: 'dense' },
    ],
    outputs: [{ name: 'y' }],
  };
  return { ...memoryModel([layer], [weight, bias]), graph, layer };
}

type Small = ReturnType<typeof smallModel>;

async function pruned(recipe: Recipe, model: Small, freeSteps = 32) {
  const plan = await withinBudget(planOf(recipe, model), model, { file, freeSteps });
  await applyPlan(plan, { file });
  const [kernel, recurrent] = [await readMasked(model.layer.kernel), await readMasked(model.layer.recurrent)];
  const ofAll = await Promise.all(model.parameters.map(readMasked));
  return {
    plan,
    kernel: left(kernel),
    recurrent: left(recurrent),
    all: ofAll.reduce((n, v) => n + left(v), 0),
  };
}

const left = (values: Float32Array) => values.filter((value) => value !== 0).length;

test('a budget of parameters is met to the last weight of the whole model', async () => {
  for (let most = 42; most >= 14; most--) {
    assert.equal((await pruned({ maxParameters: most, scope: 'global' }, smallModel())).all, most);
  }
});

test('a budget that is met already prunes nothing', async () => {
  const { plan, all } = await pruned({ maxParameters: 100 }, smallModel());
  assert.deepEqual(
    plan.sets.map(({ target }) => target),
    [{ sparsity: 0 }],
  );
  assert.equal(all, 42);
});

test('zeros that are there are within the budget', async () => {
  const model = smallModel();
  model.layer.kernel.values.fill(0, 0, 6);
  model.layer.bias?.values.fill(0);
  assert.equal((await pruned({ maxParameters: 32 }, model)).all, 32);
  const { plan } = await pruned({ maxParameters: 32 }, model);
  assert.deepEqual(plan.sets[0].target, { sparsity: 0 });
});

test('zeros that may become weights again count as weights', async () => {
  const model = smallModel();
  model.layer.kernel.values.fill(0, 0, 6);
  const { plan, all } = await pruned({ maxParameters: 36, regrowZeros: true }, model);
  // 42 places, of which 6 go: the zeros, as they are the smallest.
  assert.equal(all, 36);
  assert.equal(model.layer.kernel.mask?.filter((keep) => keep === 0).length, 6);
  assert.notDeepEqual(plan.sets[0].target, { sparsity: 0 });
});

test('sets of their own keep their targets, and the rest makes up for them', async () => {
  // The kernel loses 3 of 12, so that 24 = 42 − 3 − 15 are left where 15 of 16 recurrent weights go.
  const targets = { 'rnn/kernel': 0.25 };
  const { kernel, recurrent, all } = await pruned({ maxParameters: 24, targets }, smallModel());
  assert.deepEqual([kernel, recurrent, all], [9, 1, 24]);
});

test('one sparsity holds over all sets: it is the least whose rounded shares are within the budget', async () => {
  // 9 of the 12 + 16 weights must go. 16 s rounds to 5 above s = 4.5 / 16 = 0.28, and 12 s to 4 from 3.5 / 12 = 0.29 on, as 4 is even.
  const { plan, kernel, recurrent, all } = await pruned({ maxParameters: 33, scope: 'matrix' }, smallModel());
  assert.deepEqual([kernel, recurrent, all], [8, 11, 33]);
  const [{ target }] = plan.sets;
  assert.ok('sparsity' in target && Math.abs(target.sparsity - 3.5 / 12) < 1e-12, JSON.stringify(target));
});

test('bytes are those of the file’s own types', async () => {
  const model = smallModel();
  const half = { ...model.layer.recurrent, dtype: 'float16' } as const;
  const gates = model.layer.gates.map((gate) => ({
    ...gate,
    recurrent: { ...gate.recurrent, parameter: half },
  }));
  const layer = { ...model.layer, recurrent: half, gates };
  const mixed = { ...model, layer, layers: [layer], parameters: memoryModel([layer]).parameters };
  // 16 float16 and 16 float32: 96 bytes. Only the 12 of the kernel may go.
  const { kernel, recurrent } = await pruned({ maxBytes: 75, exclude: 'rnn/recurrent' }, mixed);
  assert.deepEqual([kernel, recurrent], [6, 16]);
});

test('multiply-adds are those of one sample: weights that are used at every step count for each', async () => {
  // 5 steps · 28 + 8 = 148; 58 = 5 · 10 + 8.
  const { kernel, recurrent } = await pruned({ maxMultiplyAdds: 58 }, smallModel());
  assert.equal(kernel + recurrent, 10);
  assert.equal((await pruned({ maxMultiplyAdds: 57 }, smallModel())).all, 14 + 9);
  // As many where the length is free and the samples have 5 steps.
  const free = await pruned({ maxMultiplyAdds: 58 }, smallModel({ steps: null }), 5);
  assert.equal(free.kernel + free.recurrent, 10);
});

test('multiply-adds of what is included count by their own steps', async () => {
  // The dense layer alone is pruned: 140 + 3.
  const recipe: Recipe = { maxMultiplyAdds: 143, include: 'dense', exclude: 'rnn' };
  assert.equal((await pruned(recipe, smallModel())).all, 42 - 5);
});

for (const [granularity, multiple] of [
  ['row', 1],
  ['column', 4],
  ['block', 1],
  ['bank', 4],
] as const) {
  test(`granularity ${granularity}: as much goes as must, and no group less would do`, async () => {
    const shape = { block: { block: '2x2' }, bank: { bank: 2 } } as const;
    const recipe: Recipe = {
      granularity,
      ...(granularity in shape && shape[granularity as 'block' | 'bank']),
    };
    for (const most of [38, 33, 29, 25]) {
      const model = smallModel();
      const { plan, all } = await pruned({ ...recipe, maxParameters: most }, model);
      assert.ok(all <= most, `${all} of ${most}`);
      const [{ target }] = plan.sets;
      assert.ok('sparsity' in target);
      // A little less leaves more than the budget.
      const less = smallModel();
      await applyPlan(planOf({ ...recipe, sparsity: target.sparsity - 1e-9 }, less), { file });
      const values = await Promise.all(less.parameters.map(readMasked));
      assert.ok(values.reduce((n, v) => n + left(v), 0) > most, `${target.sparsity} is not the least`);
      assert.equal((42 - all) % multiple, 0);
    }
  });
}

test('what even a sparsity of 1 misses is refused with the least that can be reached', async () => {
  const refused = (recipe: Recipe, ...parts: string[]) =>
    assertRefuses(() => pruned(recipe, smallModel()), 'budgetOutOfReach', ...parts);
  await refused({ maxParameters: 13 }, 'maxParameters 13', '14 remain');
  await refused({ maxBytes: 55 }, 'maxBytes 55', '56 remain');
  await refused({ maxMultiplyAdds: 7 }, '8 remain');
  // One row stays: of the kernel, whose rows have 3 weights.
  const model = smallModel();
  model.layer.kernel.values.fill(9);
  const rows: Recipe = { maxParameters: 16, granularity: 'row', scope: 'global' };
  await assertRefuses(() => pruned(rows, model), 'budgetOutOfReach', 'maxParameters 16', '17 remain');
});

test('multiply-adds of a model without a graph are refused, with the reason', async () => {
  const { graph: _, ...model } = smallModel();
  const notEvaluable = { code: 'layerUnsupported', args: { layer: 'conv', type: 'Conv1D' } } as const;
  const recipe: Recipe = { maxMultiplyAdds: 10 };
  const refused = () =>
    withinBudget(planOf(recipe, model), { ...model, notEvaluable }, { file, freeSteps: 32 });
  await assertRefuses(refused, 'multiplyAddsUnknown', 'Conv1D');
});

test('the recipe that is recorded keeps the budget, and gives the same masks again', async () => {
  const model = smallModel();
  const recipe: Recipe = { maxParameters: 30 };
  const { plan } = await pruned(recipe, model);
  const recorded = recordedRecipe(recipe, plan.recipe);
  assert.equal(recorded.maxParameters, 30);
  assert.equal(recorded.sparsity, undefined);
  const again = smallModel();
  await pruned(recorded, again);
  assert.deepEqual(again.layer.kernel.mask, model.layer.kernel.mask);
});

test('a plan without a budget is left as it is', async () => {
  const model = smallModel();
  const plan = planOf({ sparsity: 0.5 }, model);
  assert.equal(await withinBudget(plan, model, { file, freeSteps: 32 }), plan);
});
