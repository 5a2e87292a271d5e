import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Evidence } from '../../../extension/model/evidence.ts';
import type { CriterionName, Recipe } from '../../../extension/protocol/recipe.ts';
import { criteriaByName } from '../../../extension/pruning/criteria/byName.ts';
import type { WeightCriterion } from '../../../extension/pruning/criteria/criterion.ts';
import { applyPlan } from '../../../extension/pruning/masks.ts';
import { planOf } from '../../../extension/pruning/plan.ts';
import { type MemoryLayer, memoryLayer, memoryModel, memoryParameter } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';

const [inputs, hidden] = [2, 2];
const file = 'model.h5';

/** [unit][input] as Keras stores it, [input, unit]: evidence lies as the weights do. */
const stored = ([[a, b], [c, d]]: number[][]): Float32Array => Float32Array.of(a, c, b, d);

/** A plain RNN's kernel with these weights [unit][input]. */
function layerWith(weights: number[][]): MemoryLayer {
  const layer = memoryLayer(
    { name: 'rnn', cell: 'RNN', inputSize: inputs, hiddenSize: hidden, biases: 0 },
    seeded(1),
  );
  layer.kernel.values.set(stored(weights));
  return layer;
}

const weights = [
  [1, -2],
  [0.5, 4],
];
const ofWeights = (kind: 'gradient' | 'squaredGradient' | 'movement', values: number[][]) => {
  return (layer: MemoryLayer): Evidence => ({ [kind]: new Map([[layer.kernel, stored(values)]]) });
};

/** By the formula: the score of each weight [unit, input], and of each row and column. */
interface Worked {
  readonly evidence?: (layer: MemoryLayer) => Evidence;
  readonly single: number[];
  readonly rows: [number, number];
  readonly columns: [number, number];
}

const gradients = ofWeights('gradient', [
  [0.1, 0.2],
  [-0.4, 0],
]);
const worked: Partial<Record<CriterionName, Worked>> = {
  // |w|; of a group the mean.
  magnitude: { single: [1, 2, 0.5, 4], rows: [1.5, 2.25], columns: [0.75, 3] },
  l1: { single: [1, 2, 0.5, 4], rows: [1.5, 2.25], columns: [0.75, 3] },
  // √(Σw²/n)
  l2: {
    single: [1, 2, 0.5, 4],
    rows: [Math.sqrt(5 / 2), Math.sqrt(16.25 / 2)],
    columns: [Math.sqrt(1.25 / 2), Math.sqrt(20 / 2)],
  },
  // |g|
  gradient: {
    evidence: gradients,
    single: [0.1, 0.2, 0.4, 0],
    rows: [0.15, 0.2],
    columns: [0.25, 0.1],
  },
  // |w g|, of a group |Σ w g| / n: 0.1 − 0.4, −0.2 + 0; 0.1 − 0.2, −0.4 + 0.
  taylor: {
    evidence: gradients,
    single: [0.1, 0.4, 0.2, 0],
    rows: [0.15, 0.1],
    columns: [0.05, 0.2],
  },
  // w² E[g²] / 2: 1 · 0.04 / 2, 4 · 0.01 / 2, 0.25 · 0.8 / 2, 16 · 0.5 / 2.
  fisher: {
    evidence: ofWeights('squaredGradient', [
      [0.04, 0.01],
      [0.8, 0.5],
    ]),
    single: [0.02, 0.02, 0.1, 4],
    rows: [0.02, 2.05],
    columns: [0.06, 2.01],
  },
  // −Σ w g over the steps, signed: what training moved towards 0 is negative.
  movement: {
    evidence: ofWeights('movement', [
      [-3, 1],
      [0.5, 0],
    ]),
    single: [-3, 1, 0.5, 0],
    rows: [-1, 0.25],
    columns: [-1.25, 0.5],
  },
  // |w| √E[x²], of a group √(Σs²/n): inputs of 2 and 0.5.
  wanda: {
    evidence: () => ({ inputNorms: new Map([['rnn/kernel', Float32Array.of(2, 0.5)]]) }),
    single: [2, 1, 1, 2],
    rows: [Math.sqrt(5 / 2), Math.sqrt(5 / 2)],
    columns: [Math.sqrt(5 / 2), Math.sqrt(5 / 2)],
  },
};

/** Places in the order in which they go; of equal scores the lower first. */
const goingOrder = (scores: number[]) => [...scores.keys()].sort((a, b) => scores[a] - scores[b] || a - b);

/** The kernel's mask as [unit, input]. */
async function keptOf(recipe: Recipe, { evidence }: Worked): Promise<number[]> {
  const layer = layerWith(weights);
  // Only a training moves weights, so there is one.
  const schedule = recipe.criterion === 'movement' ? ({ schedule: 'polynomial' } as const) : {};
  const plan = planOf({ ...recipe, ...schedule, exclude: 'rnn/recurrent' }, memoryModel([layer]));
  await applyPlan(plan, { file, evidence: evidence?.(layer) });
  const [a, c, b, d] = layer.kernel.mask ?? assert.fail('nothing was masked');
  return [a, b, c, d];
}

for (const [name, one] of Object.entries(worked) as [CriterionName, Worked][]) {
  test(`${name}: scores are those of the formula`, () => {
    const layer = layerWith(weights);
    const criterion = criteriaByName[name] as WeightCriterion;
    const piece = {
      view: layer.gates[0].kernel,
      matrixName: 'rnn/kernel',
      values: Float32Array.of(1, -2, 0.5, 4),
    };
    const scores = criterion.scores(piece, one.evidence?.(layer) ?? {}, 1) ?? assert.fail();
    const shown = criterion.combine === 'absoluteMean' ? scores.map(Math.abs) : scores;
    assert.deepEqual([...shown], [...Float32Array.from(one.single)]);
  });

  test(`${name}: the lowest weights, rows and columns go first`, async () => {
    for (const gone of [1, 2, 3]) {
      const order = goingOrder(one.single).slice(0, gone);
      const kept = await keptOf({ criterion: name, sparsity: gone / 4 }, one);
      assert.deepEqual(
        kept,
        [0, 1, 2, 3].map((place) => Number(!order.includes(place))),
      );
    }
    const [row] = goingOrder(one.rows);
    const byRow = await keptOf({ criterion: name, granularity: 'row', sparsity: 0.5 }, one);
    assert.deepEqual(byRow, row === 0 ? [0, 0, 1, 1] : [1, 1, 0, 0]);
    const [column] = goingOrder(one.columns);
    const byColumn = await keptOf({ criterion: name, granularity: 'column', sparsity: 0.5 }, one);
    assert.deepEqual(byColumn, column === 0 ? [0, 1, 0, 1] : [1, 0, 1, 0]);
  });
}

test('l1 and l2 differ where one large weight stands among small ones', async () => {
  for (const [criterion, kept] of [
    ['l1', [1, 1, 0, 0]],
    ['l2', [0, 0, 1, 1]],
  ] as const) {
    // Σ|w| 6 against 5.1, Σw² 18 against 25.01.
    const layer = layerWith([
      [3, 3],
      [0.1, 5],
    ]);
    const recipe: Recipe = { criterion, granularity: 'row', sparsity: 0.5, exclude: 'rnn/recurrent' };
    await applyPlan(planOf(recipe, memoryModel([layer])), { file });
    assert.deepEqual(
      [...(layer.kernel.mask ?? [])],
      [...stored([[...kept.slice(0, 2)], [...kept.slice(2)]])],
    );
  }
});

test('input-importance ranks the columns of a matrix by what was gathered about them', async () => {
  const layer = layerWith(weights);
  const columnSaliency = new Map([['rnn/kernel', Float32Array.of(0.3, 0.2)]]);
  const recipe: Recipe = { criterion: 'input-importance', granularity: 'column', sparsity: 0.5 };
  const plan = planOf({ ...recipe, exclude: 'rnn/recurrent' }, memoryModel([layer]));
  await applyPlan(plan, { file, evidence: { columnSaliency } });
  assert.deepEqual([...(layer.kernel.mask ?? [])], [1, 1, 0, 0]);
});

test('units are ranked by how much, how variably or how often they put out something', () => {
  const activity = {
    meanAbsolute: Float32Array.of(0.5, 0.2, 0.3),
    variance: Float32Array.of(0.1, 0.3, 0.2),
    nearZero: Float32Array.of(0.25, 0, 0.75),
  };
  const scores = (name: CriterionName) => {
    const criterion = criteriaByName[name];
    return criterion.judges === 'units' ? [...criterion.scores(activity)] : assert.fail(name);
  };
  assert.deepEqual(scores('activation'), [...activity.meanAbsolute]);
  assert.deepEqual(scores('activation-variance'), [...activity.variance]);
  // The unit that is silent at three of four steps goes first.
  assert.deepEqual(scores('apoz'), [0.75, 1, 0.25]);
});

test('a bias is multiplied with 1, so wanda judges it by its magnitude beside its layer’s kernel', async () => {
  const layer = layerWith(weights);
  const kernel = memoryParameter('dense/kernel', [2, 1], [0.3, -4]);
  const bias = memoryParameter('dense/bias', [1], [2]);
  const model = memoryModel([layer], [kernel, bias]);
  const inputNorms = new Map([['dense/kernel', Float32Array.of(10, 0.25)]]);
  // 3 and 1 in the kernel, 2 in the bias.
  for (const [gone, masks] of [
    [1, [1, 0, 1]],
    [2, [1, 0, 0]],
  ] as const) {
    const recipe: Recipe = {
      criterion: 'wanda',
      sparsity: gone / 3,
      include: 'dense,dense/bias',
      exclude: 'rnn',
    };
    for (const parameter of [kernel, bias]) delete parameter.mask;
    await applyPlan(planOf(recipe, model), { file, evidence: { inputNorms } });
    assert.deepEqual([...(kernel.mask ?? []), ...(bias.mask ?? [])], masks);
  }
});

test('what nothing is known of goes before what is known', async () => {
  const layer = layerWith(weights);
  const evidence: Evidence = { gradient: new Map([[layer.kernel, Float32Array.of(1, 1, 1, 1)]]) };
  await applyPlan(planOf({ criterion: 'gradient', sparsity: 0.5 }, memoryModel([layer])), { file, evidence });
  assert.deepEqual([...(layer.kernel.mask ?? [])], [1, 1, 1, 1]);
  assert.deepEqual([...(layer.recurrent.mask ?? [])], [0, 0, 0, 0]);
});

test('evidence that was not gathered is a defect, not a choice', async () => {
  const plan = planOf({ criterion: 'fisher', sparsity: 0.5 }, memoryModel([layerWith(weights)]));
  await assert.rejects(() => applyPlan(plan, { file }), /squaredGradient was not gathered/);
});

function randomlyKept(recipe: Recipe): Promise<number[]> {
  const layer = memoryLayer({ name: 'rnn', cell: 'RNN', inputSize: 20, hiddenSize: 30 }, seeded(2));
  return applyPlan(planOf({ criterion: 'random', ...recipe }, memoryModel([layer])), { file }).then(() => [
    ...(layer.kernel.mask ?? []),
    ...(layer.recurrent.mask ?? []),
  ]);
}

test('a random choice is the same for a seed and another for another', async () => {
  const [first, again, other] = [
    await randomlyKept({ sparsity: 0.5, seed: 1 }),
    await randomlyKept({ sparsity: 0.5, seed: 1 }),
    await randomlyKept({ sparsity: 0.5, seed: 2 }),
  ];
  assert.deepEqual(first, again);
  const alike = first.filter((keep, i) => keep === other[i]).length;
  assert.ok(Math.abs(alike - 750) < 100, `${alike} of 1500 are alike`);
});

test('what a random choice takes at one target it takes at a higher one', async () => {
  const low = await randomlyKept({ sparsity: 0.3 });
  const high = await randomlyKept({ sparsity: 0.6 });
  assert.ok(low.every((keep, i) => keep === 1 || high[i] === 0));
});

test('a random choice among blocks of unequal sizes is as likely for each', async () => {
  // Rows of 4 inputs in blocks of 3: every second block has one weight only.
  const counts = [0, 0];
  for (let seed = 0; seed < 400; seed++) {
    const layer = memoryLayer({ name: 'rnn', cell: 'RNN', inputSize: 4, hiddenSize: 4 }, seeded(3));
    const recipe: Recipe = { criterion: 'random', granularity: 'block', block: '1x3', sparsity: 0.25, seed };
    await applyPlan(planOf({ ...recipe, exclude: 'rnn/recurrent' }, memoryModel([layer])), { file });
    const mask = layer.kernel.mask ?? assert.fail();
    for (let unit = 0; unit < 4; unit++) {
      if (mask[unit] === 0) counts[0]++;
      if (mask[12 + unit] === 0) counts[1]++;
    }
  }
  // 2 of 8 blocks each time: 800, of which each kind has a half, give or take 3 standard deviations.
  assert.equal(counts[0] + counts[1], 800);
  assert.ok(Math.abs(counts[0] - 400) < 42, `${counts}`);
});
