import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gathered } from '../../../extension/model/gateView.ts';
import { applyMask, type Parameter } from '../../../extension/model/parameter.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { applyPlan } from '../../../extension/pruning/masks.ts';
import { type PlannedSet, type PruningPlan, planOf } from '../../../extension/pruning/plan.ts';
import { regrow } from '../../../extension/pruning/regrow.ts';
import {
  type MemoryLayer,
  type MemoryParameter,
  memoryLayer,
  memoryModel,
} from '../../support/memoryModel.ts';
import { randomFloats, seeded } from '../../support/random.ts';

const file = 'model.h5';

/** A layer that was pruned by a recipe, and has gradients at all weights. */
async function pruned(recipe: Recipe, change: (layer: MemoryLayer) => void = () => {}) {
  const next = seeded(5);
  const layer = memoryLayer({ name: 'a', inputSize: 6, hiddenSize: 5 }, next);
  change(layer);
  const plan = planOf(recipe, memoryModel([layer]));
  await applyPlan(plan, { file });
  const gradients = new Map<Parameter, Float32Array>(
    [layer.kernel, layer.recurrent].map((one) => [one, randomFloats(one.values.length, next)]),
  );
  return { layer, plan, gradients };
}

const present = (parameter: Parameter) =>
  applyMask((parameter as MemoryParameter).values.slice(), parameter.mask);

interface Changes {
  readonly exchanged: number;
  readonly gradientOf: (parameter: Parameter) => Float32Array | undefined;
  readonly due?: (sparsity: number) => number;
}

function update(
  plan: PruningPlan,
  { exchanged, gradientOf, due = (share) => share }: Changes,
): Promise<number> {
  return regrow(plan, { file, exchanged, gradientOf, due, valuesOf: present });
}

/** Weights of a set in a row, one matrix after the other. */
function inRow({ members }: PlannedSet, of: (parameter: Parameter) => Float32Array): number[] {
  return members.flatMap(({ view }) => [...gathered(view, of(view.parameter))]);
}

const kept = (set: PlannedSet) => inRow(set, ({ mask }) => Float32Array.from(mask ?? []));

/** RigL's update by the words of its paper: indices that are kept afterwards. */
function reference(
  weights: readonly number[],
  gradients: readonly number[],
  active: readonly number[],
  count: number,
): Set<number> {
  const bySize = [...active].sort((a, b) => Math.abs(weights[a]) - Math.abs(weights[b]));
  const stay = bySize.slice(count);
  const others = [...gradients.keys()].filter((i) => !stay.includes(i));
  const largest = others.sort((a, b) => Math.abs(gradients[b]) - Math.abs(gradients[a]));
  return new Set([...stay, ...largest.slice(0, count)]);
}

for (const scope of ['layer', 'gate', 'matrix'] as const) {
  for (const exchanged of [0.3, 0.07, 1]) {
    test(`scope ${scope}: of what is kept ${exchanged} give way to the largest gradients, as in the paper`, async () => {
      const { plan, gradients } = await pruned({ sparsity: 0.7, scope });
      const expected = plan.sets.map((set) => {
        const mask = kept(set);
        const active = [...mask.keys()].filter((i) => mask[i] === 1);
        const gradient = inRow(set, (parameter) => gradients.get(parameter) as Float32Array);
        return reference(inRow(set, present), gradient, active, Math.floor(exchanged * active.length));
      });
      const before = plan.sets.map(kept);
      const grown = await update(plan, { exchanged, gradientOf: (parameter) => gradients.get(parameter) });
      const after = plan.sets.map(kept);
      let back = 0;
      for (const [s, mask] of after.entries()) {
        assert.deepEqual(new Set([...mask.keys()].filter((i) => mask[i] === 1)), expected[s]);
        back += mask.filter((flag, i) => flag === 1 && before[s][i] === 0).length;
      }
      assert.ok(back > 0);
      assert.equal(grown, back);
    });
  }
}

test('without an exchange nothing changes', async () => {
  const { plan, gradients, layer } = await pruned({ sparsity: 0.5 });
  const before = layer.kernel.mask?.slice();
  assert.equal(await update(plan, { exchanged: 0, gradientOf: (one) => gradients.get(one) }), 0);
  assert.deepEqual(layer.kernel.mask, before);
});

test('what came back and is still 0 counts as kept', async () => {
  const { plan, gradients } = await pruned({ sparsity: 0.7 });
  const gradientOf = (parameter: Parameter) => gradients.get(parameter);
  const [set] = plan.sets;
  const count = kept(set).filter((flag) => flag === 1).length;
  const zeros = (parameter: Parameter) => new Float32Array((parameter as MemoryParameter).values.length);
  for (let n = 0; n < 5; n++) {
    await regrow(plan, { file, exchanged: 0.3, gradientOf, due: (share) => share, valuesOf: zeros });
    assert.equal(kept(set).filter((flag) => flag === 1).length, count);
  }
});

test('where more is due the smallest go first, and as many are exchanged of what is left', async () => {
  const { plan, gradients } = await pruned({ sparsity: 0.5 });
  const [set] = plan.sets;
  const size = kept(set).length;
  const weights = inRow(set, present);
  const gradient = inRow(set, (parameter) => gradients.get(parameter) as Float32Array);
  await update(plan, { exchanged: 0.2, gradientOf: (one) => gradients.get(one), due: () => 0.8 });
  const bySize = [...weights.keys()].sort((a, b) => Math.abs(weights[a]) - Math.abs(weights[b]));
  const left = bySize.slice(0.8 * size);
  const expected = reference(weights, gradient, left, Math.floor(0.2 * left.length));
  const mask = kept(set);
  assert.deepEqual(new Set([...mask.keys()].filter((i) => mask[i] === 1)), expected);
  assert.equal(expected.size, 0.2 * size);
});

const emptied = ({ kernel }: MemoryLayer) => kernel.values.fill(0, 0, 60);

test('zeros of the file do not come back, unless they may', async () => {
  for (const regrowZeros of [false, true]) {
    const { plan, layer } = await pruned({ sparsity: 0.6, regrowZeros }, emptied);
    // The largest gradients are at the zeros.
    const gradientOf = ({ shape: [rows, columns] }: Parameter) =>
      Float32Array.from({ length: rows * columns }, (_, i) => (i < 60 ? 10 + i : i / 1000));
    await update(plan, { exchanged: 0.5, gradientOf });
    const back = layer.kernel.mask?.subarray(0, 60).includes(1);
    assert.equal(back, regrowZeros);
  }
});

test('diagonals that stay are not exchanged', async () => {
  const { plan, gradients, layer } = await pruned({ sparsity: 0.7, keepDiagonal: true });
  await update(plan, { exchanged: 1, gradientOf: (one) => gradients.get(one) });
  for (const { recurrent } of layer.gates) {
    const mask = gathered(recurrent, Float32Array.from(layer.recurrent.mask ?? []));
    for (let u = 0; u < 5; u++) assert.equal(mask[u * 5 + u], 1);
  }
});

test('what is not trained is neither exchanged nor comes back', async () => {
  const { plan, gradients, layer } = await pruned({ sparsity: 0.7 });
  const before = layer.recurrent.mask?.slice();
  const gradientOf = (one: Parameter) => (one === layer.recurrent ? undefined : gradients.get(one));
  assert.ok((await update(plan, { exchanged: 0.5, gradientOf })) > 0);
  assert.deepEqual(layer.recurrent.mask, before);
});

test('a gradient that is no number is passed over', async () => {
  const { plan } = await pruned({ sparsity: 0.7 });
  const count = kept(plan.sets[0]).filter((flag) => flag === 1).length;
  const gradientOf = ({ shape: [rows, columns] }: Parameter) =>
    new Float32Array(rows * columns).fill(Number.NaN);
  await update(plan, { exchanged: 0.5, gradientOf });
  assert.equal(kept(plan.sets[0]).filter((flag) => flag === 1).length, count);
});

for (const granularity of ['block', 'row', 'column'] as const) {
  test(`granularity ${granularity}: groups are exchanged whole, by their means`, async () => {
    const block = granularity === 'block' && { block: '2x3' };
    const { plan, gradients } = await pruned({ sparsity: 0.6, granularity, ...block, scope: 'matrix' });
    const gradientOf = (parameter: Parameter) => gradients.get(parameter);
    /** Mean of something over the weights of each group. */
    const means = ({ grouping }: PlannedSet, of: (parameter: Parameter) => Float32Array) => {
      assert.ok(grouping);
      const values: number[][] = Array.from({ length: grouping.count }, () => []);
      for (const { view, rows, columns } of grouping.parts) {
        for (const [i, value] of gathered(view, of(view.parameter)).entries())
          values[rows[Math.floor(i / view.columns)] + columns[i % view.columns]].push(Math.abs(value));
      }
      return values.map((own) => own.reduce((sum, value) => sum + value, 0) / own.length);
    };
    const flags = (set: PlannedSet) => means(set, ({ mask }) => Float32Array.from(mask ?? []));
    const expected = plan.sets.map((set) => {
      const active = [...flags(set).keys()].filter((group) => flags(set)[group] === 1);
      const gradient = means(set, (parameter) => gradients.get(parameter) as Float32Array);
      return reference(means(set, present), gradient, active, Math.floor(0.5 * active.length));
    });
    assert.ok((await update(plan, { exchanged: 0.5, gradientOf })) > 0);
    for (const [s, set] of plan.sets.entries()) {
      const after = flags(set);
      assert.ok(after.every((flag) => flag === 0 || flag === 1));
      assert.deepEqual(new Set([...after.keys()].filter((group) => after[group] === 1)), expected[s]);
    }
  });
}
