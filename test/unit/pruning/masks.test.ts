import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gather } from '../../../extension/model/gateView.ts';
import type { Parameter } from '../../../extension/model/parameter.ts';
import { readMasked } from '../../../extension/model/parameter.ts';
import type { Recipe, ScopeName } from '../../../extension/protocol/recipe.ts';
import { applyPlan } from '../../../extension/pruning/masks.ts';
import { planOf } from '../../../extension/pruning/plan.ts';
import type { Prunable } from '../../../extension/pruning/prunable.ts';
import { type MemoryLayer, memoryLayer, memoryModel } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';
import { assertRefuses } from '../../support/throwsCode.ts';

const file = 'model.h5';

function twoLayers(seed: number): MemoryLayer[] {
  const next = seeded(seed);
  return [
    memoryLayer({ name: 'a', inputSize: 5, hiddenSize: 7 }, next),
    memoryLayer({ name: 'b', cell: 'GRU', inputSize: 7, hiddenSize: 3 }, next),
  ];
}

async function pruned(recipe: Recipe, layers: readonly MemoryLayer[]) {
  const plan = planOf(recipe, memoryModel(layers));
  const notes = await applyPlan(plan, { file });
  return { plan, notes };
}

/** Weights of a set's members, one list after the other, before or after masking. */
async function weights(
  members: readonly Pick<Prunable, 'view'>[],
  read: (parameter: Parameter) => Promise<Float32Array>,
): Promise<number[]> {
  const all: number[] = [];
  for (const { view } of members) {
    const values = new Float32Array(view.rows * view.columns);
    gather(view, await read(view.parameter), values);
    all.push(...values);
  }
  return all;
}

const original = (parameter: Parameter) => parameter.read();

/** Python's round, by its own words: to nearest, ties to even. */
function pythonRound(value: number): number {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

for (const scope of ['gate', 'matrix', 'layer', 'global'] as ScopeName[]) {
  for (const sparsity of [0, 0.25, 0.5, 0.83, 1]) {
    test(`scope ${scope}, sparsity ${sparsity}: each set loses exactly its share, and its smallest weights`, async () => {
      const { plan, notes } = await pruned({ sparsity, scope }, twoLayers(11));
      for (const { members } of plan.sets) {
        const before = await weights(members, original);
        const after = await weights(members, readMasked);
        const count = pythonRound(sparsity * before.length);
        assert.equal(after.filter((value) => value === 0).length, count);
        const sorted = before.map(Math.abs).sort((x, y) => x - y);
        const limit = count === 0 ? -1 : sorted[count - 1];
        assert.deepEqual(
          after,
          before.map((value) => (Math.abs(value) <= limit ? 0 : value)),
        );
      }
      assert.deepEqual(notes, []);
    });
  }
}

test('a gate with a target of its own gets exactly that, the rest of the layer the sparsity', async () => {
  const layers = twoLayers(12);
  await pruned({ sparsity: 0.5, gates: { c: 0.1, h: 0.9 } }, layers);
  const share = async (layer: MemoryLayer, names: readonly string[]) => {
    const gates = layer.gates.filter(({ name }) => names.includes(name));
    const members = gates.flatMap(({ kernel, recurrent }) => [{ view: kernel }, { view: recurrent }]);
    return (await weights(members, readMasked)).filter((value) => value === 0).length;
  };
  // LSTM: 7 · (5 + 7) = 84 a gate; GRU: 3 · (7 + 3) = 30 a gate
  assert.equal(await share(layers[0], ['c']), 8);
  assert.equal(await share(layers[0], ['i', 'f', 'o']), 126);
  assert.equal(await share(layers[1], ['h']), 27);
  assert.equal(await share(layers[1], ['z', 'r']), 30);
});

test('of equal weights the lower index in canonical order goes: matrix, gate, unit, input', async () => {
  const layer = memoryLayer({ inputSize: 2, hiddenSize: 2 }, seeded(1));
  layer.kernel.values.fill(0.5);
  layer.recurrent.values.fill(-0.5);
  // The kernel's gate i, and of gate f unit 0 with its first input.
  await pruned({ sparsity: 5 / 32 }, [layer]);
  // [in, 4H]: columns i0 i1 f0 f1 c0 c1 o0 o1
  assert.deepEqual([...(layer.kernel.mask ?? [])], [0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1]);
  assert.deepEqual([...(layer.recurrent.mask ?? [])], new Array(16).fill(1));
});

test('zeros that are there count as pruned and stay masked', async () => {
  const layer = memoryLayer({ inputSize: 5, hiddenSize: 5 }, seeded(13));
  for (let i = 0; i < 30; i++) layer.kernel.values[i * 3] = i % 2 ? 0 : -0;
  const { notes } = await pruned({ sparsity: 0.5 }, [layer]);
  const masks = [...(layer.kernel.mask ?? []), ...(layer.recurrent.mask ?? [])];
  assert.equal(masks.filter((keep) => keep === 0).length, 100);
  for (let i = 0; i < 30; i++) assert.equal(layer.kernel.mask?.[i * 3], 0);
  assert.deepEqual(notes, []);
});

test('a target below the present sparsity changes nothing, keeps the zeros masked and says so', async () => {
  const layers = twoLayers(14);
  for (let i = 0; i < 84; i++) layers[0].kernel.values[i] = 0;
  const { notes } = await pruned({ sparsity: 0.1 }, layers);
  assert.deepEqual(await readMasked(layers[0].kernel), layers[0].kernel.values);
  assert.deepEqual(await readMasked(layers[0].recurrent), layers[0].recurrent.values);
  assert.equal(layers[0].kernel.mask?.filter((keep) => keep === 0).length, 84);
  assert.deepEqual(notes, [
    { code: 'noteNothingPruned', args: { target: '10 %', present: '25 %', set: 'a' } },
  ]);
  // The other layer is pruned all the same: 90 weights
  assert.equal(
    (await readMasked(layers[1].kernel)).filter((value) => value === 0).length +
      (await readMasked(layers[1].recurrent)).filter((value) => value === 0).length,
    9,
  );
});

test('a target equal to the present sparsity changes nothing and has nothing to say', async () => {
  const layer = memoryLayer({ cell: 'RNN', inputSize: 2, hiddenSize: 2 }, seeded(1));
  layer.kernel.values.set([0, 1, 0, 2]);
  const { notes } = await pruned({ sparsity: 0.25 }, [layer]);
  assert.deepEqual(notes, []);
  assert.deepEqual(await readMasked(layer.recurrent), layer.recurrent.values);
});

test('one set over everything says that nothing at all was changed', async () => {
  const layer = memoryLayer({ cell: 'RNN', inputSize: 2, hiddenSize: 2 }, seeded(1));
  layer.kernel.values.fill(0);
  const { notes } = await pruned({ sparsity: 0.1, scope: 'global' }, [layer]);
  assert.deepEqual(notes, [{ code: 'noteNothingPrunedAtAll', args: { target: '10 %', present: '50 %' } }]);
});

test('a threshold prunes strictly below k times the mean magnitude, zeros in the mean', async () => {
  const layer = memoryLayer({ cell: 'RNN', inputSize: 2, hiddenSize: 2 }, seeded(1));
  layer.kernel.values.set([0, -1, 3, 4]); // mean 2
  layer.recurrent.values.set([1, 1, -1, 1]); // mean 1
  await pruned({ criterion: 'threshold', k: 0.5 }, [layer]);
  assert.deepEqual([...(await readMasked(layer.kernel))], [0, -1, 3, 4]);
  assert.deepEqual([...(await readMasked(layer.recurrent))], [1, 1, -1, 1]);
  await pruned({ criterion: 'threshold', k: 1.5 }, [layer]);
  assert.deepEqual([...(await readMasked(layer.kernel))], [0, 0, 3, 4]);
  // 1.5 · 1: all of them
  assert.deepEqual([...(await readMasked(layer.recurrent))], [0, 0, 0, 0]);
});

test('a threshold on seeded weights prunes what a plain loop says', async () => {
  for (const scope of ['gate', 'matrix', 'layer', 'global'] as ScopeName[]) {
    const { plan } = await pruned({ criterion: 'threshold', k: 0.7, scope }, twoLayers(15));
    for (const { members } of plan.sets) {
      const before = await weights(members, original);
      const mean = before.reduce((sum, value) => sum + Math.abs(value), 0) / before.length;
      assert.deepEqual(
        await weights(members, readMasked),
        before.map((value) => (Math.abs(value) < 0.7 * mean ? 0 : value)),
      );
    }
  }
});

test('biases are never masked', async () => {
  const layers = twoLayers(16);
  await pruned({ sparsity: 1 }, layers);
  for (const { bias } of layers) assert.equal(bias?.mask, undefined);
});

for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
  test(`a weight that is ${value} is refused by the name of its parameter`, async () => {
    const layers = twoLayers(17);
    layers[1].recurrent.values[3] = value;
    await assertRefuses(
      () => pruned({ sparsity: 0.5 }, layers),
      'nonFiniteWeights',
      file,
      'b/recurrent_kernel',
    );
  });
}

test('a parameter that two layers share has one mask', async () => {
  const layer = memoryLayer({ inputSize: 3, hiddenSize: 3 }, seeded(18));
  await pruned({ sparsity: 0.5 }, [layer, { ...layer, name: 'again' }]);
  const kept = [...(layer.kernel.mask ?? []), ...(layer.recurrent.mask ?? [])].filter((keep) => keep === 1);
  assert.equal(kept.length, 36);
});
