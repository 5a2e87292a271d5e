// Masks before torch.nn.utils.prune on the same tensors.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gather } from '../../extension/model/gateView.ts';
import { gateMatrices } from '../../extension/model/recurrentLayer.ts';
import type { Tensor } from '../../extension/model/tensor.ts';
import type { Recipe } from '../../extension/protocol/recipe.ts';
import type { GateMatrix } from '../../extension/protocol/report.ts';
import { applyPlan } from '../../extension/pruning/masks.ts';
import { planOf } from '../../extension/pruning/plan.ts';
import { type MemoryLayer, memoryLayer, memoryModel } from '../support/memoryModel.ts';
import { seeded } from '../support/random.ts';
import { runPython, scratchFolder } from './environment.ts';
import { type PackedArray, packed, unpacked } from './packedArray.ts';

/** What PyTorch is asked for: one of its functions on tensors. */
interface Job {
  readonly method: string;
  readonly amount: number;
  readonly n?: number;
  readonly dim?: number;
  readonly tensors: readonly Tensor[];
}

/** What is compared: a recipe of ours, and the jobs that should mask the same. */
interface Comparison {
  readonly name: string;
  readonly recipe: Recipe;
  readonly layers: readonly MemoryLayer[];
  readonly jobs: readonly Job[];
  /** Our masks in the shape of the jobs' tensors. */
  masks(): Tensor[];
}

/** Not so high that every group of a matrix would go: one of ours stays. */
const sparsities = [0.1, 0.375, 0.5, 0.8];

/** Two layers of unequal sizes, in Keras' layout. Every `zeroAt`-th weight is 0. */
function twoLayers(zeroAt = 0): MemoryLayer[] {
  const next = seeded(7);
  const layers = [
    memoryLayer({ name: 'lstm', inputSize: 5, hiddenSize: 7 }, next),
    memoryLayer({ name: 'gru', cell: 'GRU', inputSize: 7, hiddenSize: 4 }, next),
  ];
  if (zeroAt > 0)
    for (const { kernel, recurrent } of layers)
      for (const { values } of [kernel, recurrent])
        for (let i = 0; i < values.length; i += zeroAt) values[i] = 0;
  return layers;
}

/** A matrix with all its gates as PyTorch holds it, [gates · H, columns]: the weights or the mask. */
function stacked({ gates }: MemoryLayer, matrix: GateMatrix, what: 'weights' | 'mask'): Tensor {
  const [{ rows, columns }] = gates.map((gate) => gate[matrix]);
  const data = new Float32Array(gates.length * rows * columns);
  for (const [g, gate] of gates.entries()) {
    const view = gate[matrix];
    const { values, mask } = view.parameter as MemoryLayer['kernel'];
    const source = what === 'weights' ? values : Float32Array.from(mask ?? assert.fail('no mask'));
    gather(view, source, data, g * rows * columns);
  }
  return { shape: [gates.length * rows, columns], data };
}

/** One gate of both matrices, [H, I + H]. */
function besides(layer: MemoryLayer, gate: number, what: 'weights' | 'mask'): Tensor {
  const { hiddenSize } = layer;
  const parts = gateMatrices.map((matrix) => stacked(layer, matrix, what));
  const rows = Array.from({ length: hiddenSize }, (_, unit) =>
    parts.flatMap(({ shape: [, columns], data }) => {
      const row = gate * hiddenSize + unit;
      return [...data.slice(row * columns, (row + 1) * columns)];
    }),
  );
  return { shape: [hiddenSize, rows[0].length], data: Float32Array.from(rows.flat()) };
}

function allMatrices(layers: readonly MemoryLayer[], what: 'weights' | 'mask'): Tensor[] {
  return layers.flatMap((layer) => gateMatrices.map((matrix) => stacked(layer, matrix, what)));
}

function comparisons(): Comparison[] {
  const made: Comparison[] = [];
  for (const sparsity of sparsities) {
    for (const [matrixMethod, recipe, options] of [
      ['l1_unstructured', {}, {}],
      ['ln_structured', { criterion: 'l1', granularity: 'row' }, { n: 1, dim: 0 }],
      ['ln_structured', { criterion: 'l2', granularity: 'row' }, { n: 2, dim: 0 }],
      ['ln_structured', { criterion: 'l1', granularity: 'column' }, { n: 1, dim: 1 }],
      ['ln_structured', { criterion: 'l2', granularity: 'column' }, { n: 2, dim: 1 }],
    ] as const) {
      const layers = twoLayers();
      made.push({
        name: `${matrixMethod} ${JSON.stringify(options)} of each matrix`,
        recipe: { ...recipe, scope: 'matrix', sparsity },
        layers,
        jobs: allMatrices(layers, 'weights').map((tensor) => ({
          method: matrixMethod,
          amount: sparsity,
          ...options,
          tensors: [tensor],
        })),
        masks: () => allMatrices(layers, 'mask'),
      });
    }
    for (const zeroAt of [0, 4]) {
      const layers = twoLayers(zeroAt);
      const gates = (what: 'weights' | 'mask') =>
        layers.flatMap((layer) => layer.gates.map((_, gate) => besides(layer, gate, what)));
      made.push({
        name: `l1_unstructured of each gate${zeroAt ? ', zeros among the weights' : ''}`,
        recipe: { scope: 'gate', sparsity: Math.max(sparsity, 0.3) },
        layers,
        jobs: gates('weights').map((tensor) => ({
          method: 'l1_unstructured',
          amount: Math.max(sparsity, 0.3),
          tensors: [tensor],
        })),
        masks: () => gates('mask'),
      });
    }
    for (const scope of ['layer', 'global'] as const) {
      const layers = twoLayers();
      const sets = scope === 'global' ? [layers] : layers.map((layer) => [layer]);
      made.push({
        name: `global_unstructured over ${scope === 'global' ? 'all layers' : 'each layer'}`,
        recipe: { scope, sparsity },
        layers,
        jobs: sets.map((set) => ({
          method: 'global_unstructured',
          amount: sparsity,
          tensors: allMatrices(set, 'weights'),
        })),
        masks: () => allMatrices(layers, 'mask'),
      });
    }
  }
  return made;
}

/** Comparisons in which only the number of what goes can be the same. */
function randomComparisons(): Comparison[] {
  return sparsities.flatMap((sparsity) =>
    (
      [
        ['random_unstructured', {}, {}],
        ['random_structured', { granularity: 'row' }, { dim: 0 }],
        ['random_structured', { granularity: 'column' }, { dim: 1 }],
      ] as const
    ).map(([method, recipe, options]) => {
      const layers = twoLayers();
      return {
        name: `${method} ${JSON.stringify(options)}`,
        recipe: { ...recipe, criterion: 'random', scope: 'matrix', sparsity },
        layers,
        jobs: allMatrices(layers, 'weights').map((tensor) => ({
          method,
          amount: sparsity,
          ...options,
          tensors: [tensor],
        })),
        masks: () => allMatrices(layers, 'mask'),
      };
    }),
  );
}

const exact = comparisons();
const counted = randomComparisons();
let answers: Tensor[][];
let remove: () => Promise<void>;

before(async () => {
  const scratch = await scratchFolder();
  remove = scratch.remove;
  const jobs = [...exact, ...counted].flatMap((one) => one.jobs);
  const file = join(scratch.folder, 'jobs.json');
  await writeFile(file, JSON.stringify(jobs.map((job) => ({ ...job, tensors: job.tensors.map(packed) }))));
  const masks = JSON.parse(await runPython('torchMasks.py', [file])) as PackedArray[][];
  answers = [...exact, ...counted].map(({ jobs: own }) => masks.splice(0, own.length).flat().map(unpacked));
});
after(() => remove());

async function prune({ recipe, layers }: Comparison): Promise<void> {
  await applyPlan(planOf(recipe, memoryModel(layers)), { file: 'model' });
}

for (const [i, one] of exact.entries()) {
  test(`${one.name}, ${one.recipe.sparsity}: masks are PyTorch’s`, async () => {
    await prune(one);
    const masks = one.masks();
    assert.equal(masks.length, answers[i].length);
    for (const [k, { shape, data }] of masks.entries()) {
      assert.deepEqual(shape, answers[i][k].shape);
      assert.deepEqual([...data], [...answers[i][k].data], `tensor ${k}`);
    }
  });
}

for (const [i, one] of counted.entries()) {
  test(`${one.name}, ${one.recipe.sparsity}: as much goes as in PyTorch`, async () => {
    await prune(one);
    const zeros = ({ data }: Tensor) => data.filter((keep) => keep === 0).length;
    assert.deepEqual(one.masks().map(zeros), answers[exact.length + i].map(zeros));
  });
}

for (const granularity of ['weight', 'row', 'column'] as const) {
  test(`a random choice of granularity ${granularity} is uniform (chi-square)`, async () => {
    const [rounds, sparsity] = [300, 0.3];
    const counts: number[] = [];
    for (let seed = 1; seed <= rounds; seed++) {
      const layers = twoLayers();
      const recipe: Recipe = { criterion: 'random', granularity, scope: 'global', sparsity, seed };
      await applyPlan(planOf(recipe, memoryModel(layers)), { file: 'model' });
      for (const [at, gone] of groups(layers, granularity).entries()) counts[at] = (counts[at] ?? 0) + gone;
    }
    const total = counts.reduce((sum, count) => sum + count, 0);
    const share = total / rounds / counts.length;
    // How often each went is binomial around the same mean, whose variances add up to a chi-square.
    const mean = rounds * share;
    const statistic = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / (mean * (1 - share));
    const freedom = counts.length - 1;
    const deviations = (statistic - freedom) / Math.sqrt(2 * freedom);
    assert.ok(Math.abs(deviations) < 3.5, `${statistic} of ${freedom} degrees of freedom`);
  });
}

/** 1 for each weight, row or column of all matrices that is gone. */
function groups(layers: readonly MemoryLayer[], granularity: 'weight' | 'row' | 'column'): number[] {
  return allMatrices(layers, 'mask').flatMap(({ shape: [rows, columns], data }) => {
    if (granularity === 'weight') return [...data].map((keep) => 1 - keep);
    if (granularity === 'row') return Array.from({ length: rows }, (_, r) => 1 - data[r * columns]);
    return Array.from({ length: columns }, (_, c) => 1 - data[c]);
  });
}
