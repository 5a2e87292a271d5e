import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UnitActivity } from '../../../extension/model/evidence.ts';
import type { Graph, RecurrentNode } from '../../../extension/model/graph.ts';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { applyPlan } from '../../../extension/pruning/masks.ts';
import { planOf } from '../../../extension/pruning/plan.ts';
import {
  type MemoryLayer,
  type MemoryParameter,
  memoryLayer,
  memoryModel,
  memoryParameter,
} from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

const file = 'model.h5';

/** LSTM(4) over 3 inputs, GRU(5), and a dense layer of 2 outputs. */
function stack() {
  const next = seeded(5);
  const first = memoryLayer({ name: 'first', inputSize: 3, hiddenSize: 4 }, next);
  const second = memoryLayer({ name: 'second', cell: 'GRU', inputSize: 4, hiddenSize: 5, biases: 2 }, next);
  const dense = memoryParameter('dense/kernel', [5, 2], Array.from({ length: 10 }, next));
  const node = (layer: MemoryLayer, input: string): RecurrentNode => ({
    op: layer.cell,
    layer,
    inputs: [input],
    outputs: [`${layer.name}:all`, `${layer.name}:last`],
    origin: layer.name,
    gateActivation: { op: 'Sigmoid' },
    activation: { op: 'Tanh' },
  });
  const graph: Graph = {
    inputs: [{ name: 'x', shape: [null, 6, 3], dtype: 'float32' }],
    nodes: [
      node(first, 'x'),
      node(second, 'first:all'),
      { op: 'MatMul', inputs: ['second:last'], outputs: ['y'], origin: 'dense', weight: dense },
    ],
    outputs: [{ name: 'y' }],
  };
  return { first, second, dense, model: { ...memoryModel([first, second], [dense]), graph } };
}

/** Rows of a matrix [rows, columns] that are masked whole. */
function emptyRows({ mask, shape: [rows, columns] }: MemoryParameter): number[] {
  const all = [...Array(rows).keys()];
  return all.filter((row) => mask?.subarray(row * columns, (row + 1) * columns).every((keep) => keep === 0));
}

/** Columns of one gate that are masked whole: Keras' [in, G·H]. */
function emptyUnits({ mask }: MemoryParameter, { gates, hiddenSize }: MemoryLayer, g: number): number[] {
  const width = gates.length * hiddenSize;
  return [...Array(hiddenSize).keys()].filter((unit) => {
    const column = mask?.filter((_, i) => i % width === g * hiddenSize + unit);
    return column?.every((keep) => keep === 0);
  });
}

test('a hidden unit goes with its rows, biases and way back, and with what the next layer reads of it', async () => {
  const { first, second, dense, model } = stack();
  await applyPlan(planOf({ granularity: 'unit', criterion: 'l2', sparsity: 0.5 }, model), { file });
  const gone = emptyUnits(first.kernel, first, 0);
  assert.equal(gone.length, 2);
  for (const g of [0, 1, 2, 3]) {
    assert.deepEqual(emptyUnits(first.kernel, first, g), gone);
    assert.deepEqual(emptyUnits(first.recurrent, first, g), gone);
    for (const unit of gone) assert.equal(first.bias?.mask?.[g * 4 + unit], 0);
  }
  assert.deepEqual(emptyRows(first.recurrent), gone);
  assert.deepEqual(emptyRows(second.kernel), gone);
  assert.deepEqual(emptyRows(dense), emptyUnits(second.kernel, second, 1));
  // Halves are rounded to even: 2 of 5.
  assert.equal(emptyRows(dense).length, 2);
  assert.equal(second.bias?.mask?.filter((keep) => keep === 0).length, 2 * 3 * 2);
});

test('nothing but what the units own is masked', async () => {
  const { first, dense, model } = stack();
  await applyPlan(planOf({ granularity: 'unit', criterion: 'l2', sparsity: 0.25 }, model), { file });
  const [gone] = emptyUnits(first.kernel, first, 0);
  const kept = first.recurrent.mask?.filter((keep) => keep === 1).length;
  assert.equal(kept, 4 * 3 * 3);
  assert.deepEqual(emptyRows(first.recurrent), [gone]);
  assert.equal(dense.mask?.filter((keep) => keep === 0).length, 2);
});

test('the unit whose weights are smallest by all that it owns goes first', async () => {
  const { first, second, model } = stack();
  // By its own weights unit 2 is the smallest; the next layer makes up for that.
  scale(first.kernel, (i) => i % 4 === 2, 0.1);
  scale(first.recurrent, (i) => i % 4 === 2, 0.1);
  const recipe: Recipe = { granularity: 'unit', criterion: 'l2', sparsity: 0.25 };
  await applyPlan(planOf(recipe, model), { file });
  assert.deepEqual(emptyUnits(first.kernel, first, 0), [2]);
  for (const parameter of model.parameters) delete parameter.mask;
  scale(second.kernel, (i) => Math.floor(i / 15) === 2, 30);
  await applyPlan(planOf(recipe, model), { file });
  assert.notDeepEqual(emptyUnits(first.kernel, first, 0), [2]);
});

test('one unit of every layer stays, even where all compete', async () => {
  const { first, second, model } = stack();
  scale(first.kernel, () => true, 1e-3);
  scale(first.recurrent, () => true, 1e-3);
  scale(second.kernel, () => true, 1e-3);
  await applyPlan(planOf({ granularity: 'unit', scope: 'global', sparsity: 1 }, model), { file });
  assert.equal(emptyUnits(first.kernel, first, 0).length, 3);
  assert.equal(emptyUnits(second.kernel, second, 0).length, 4);
});

test('criteria of activations judge units by what they put out', async () => {
  const { first, second, model } = stack();
  const activity = (meanAbsolute: number[]): UnitActivity => {
    const own = Float32Array.from(meanAbsolute);
    return { meanAbsolute: own, variance: own, nearZero: own };
  };
  const units = new Map([
    [first, activity([0.4, 0.1, 0.3, 0.2])],
    [second, activity([0.1, 0.2, 0.3, 0.4, 0.5])],
  ]);
  const plan = planOf({ granularity: 'unit', criterion: 'activation', sparsity: 0.5 }, model);
  await applyPlan(plan, { file, evidence: { units } });
  assert.deepEqual(emptyUnits(first.kernel, first, 0), [1, 3]);
  assert.deepEqual(emptyUnits(second.kernel, second, 0), [0, 1]);
});

test('a layer of which something is excluded keeps its units', async () => {
  const { first, second, model } = stack();
  await applyPlan(planOf({ granularity: 'unit', sparsity: 0.5, exclude: 'first' }, model), { file });
  assert.equal(first.kernel.mask, undefined);
  assert.equal(emptyUnits(second.kernel, second, 0).length, 2);
});

test('layers have targets of their own', async () => {
  const { first, second, model } = stack();
  const recipe: Recipe = { granularity: 'unit', sparsity: 0.2, targets: { first: 0.75 } };
  await applyPlan(planOf(recipe, model), { file });
  assert.equal(emptyUnits(first.kernel, first, 0).length, 3);
  assert.equal(emptyUnits(second.kernel, second, 0).length, 1);
});

test('layers that fit one name compete only in the global scope', () => {
  const { model } = stack();
  const setsOf = (recipe: Recipe) =>
    planOf({ granularity: 'unit', ...recipe }, model).sets.map(({ name }) => name);
  assert.deepEqual(setsOf({ targets: { '*': 0.5 } }), ['* (first)', '* (second)']);
  assert.deepEqual(setsOf({ targets: { '*': 0.5 }, scope: 'global' }), ['*']);
});

for (const [targets, whole] of [
  [{ 'first/kernel': 0.2 }, 'first'],
  [{ 'second/recurrent': 0.2 }, 'second'],
  [{ first: 0.5, 'first/recurrent': 0.9 }, 'first'],
] as const) {
  test(`a target that reaches a part of a unit is refused: ${JSON.stringify(targets)}`, async () => {
    const { model } = stack();
    const plan = () => planOf({ granularity: 'unit', sparsity: 0.5, targets }, model);
    await assertRefuses(plan, 'targetCuts', whole, 'unit');
  });
}

test('a target that reaches a part of a column is refused, one of a whole matrix taken', async () => {
  const { model } = stack();
  const plan = (targets: Record<string, number>) =>
    planOf({ granularity: 'column', sparsity: 0.5, targets }, model);
  await assertRefuses(() => plan({ 'first/kernel/i': 0.2 }), 'targetCuts', 'first/kernel', 'column');
  assert.equal(plan({ 'first/kernel': 0.2 }).sets[0].name, 'first/kernel');
});

test('where something of every layer is excluded, the layers are named', async () => {
  const { model } = stack();
  const plan = () =>
    planOf({ granularity: 'unit', sparsity: 0.5, exclude: '*/kernel/h,first/kernel/i' }, model);
  await assertRefuses(plan, 'unitsExcluded', 'first', 'second');
});

test('units whose readers are not known are named', async () => {
  const { model } = stack();
  const notEvaluable = { code: 'layerUnsupported', args: { layer: 'conv', type: 'Conv3D' } } as const;
  const { graph: _, ...unknown } = { ...model, notEvaluable };
  const plan = async () => planOf({ granularity: 'unit', sparsity: 0.5 }, unknown);
  await assertRefuses(plan, 'unitsFrozen', 'first', 'Conv3D');
});

test('units that the model puts out stay, and that is said', async () => {
  const { first, second, model } = stack();
  const graph = { ...model.graph, nodes: model.graph.nodes.slice(0, 2), outputs: [{ name: 'second:last' }] };
  const cut = { ...memoryModel([first, second]), graph };
  const plan = planOf({ granularity: 'unit', sparsity: 0.5 }, cut);
  assert.deepEqual(
    plan.sets.map(({ name }) => name),
    ['first'],
  );
  assert.deepEqual(
    plan.notes.map(({ code, args }) => [code, args.layers]),
    [['noteUnitsFrozen', 'second']],
  );
});

function scale({ values }: MemoryParameter, chosen: (i: number) => boolean, factor: number): void {
  for (let i = 0; i < values.length; i++) if (chosen(i)) values[i] *= factor;
}
