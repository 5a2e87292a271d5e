import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gathered } from '../../../extension/model/gateView.ts';
import type { GranularityName, Recipe } from '../../../extension/protocol/recipe.ts';
import type { GateName } from '../../../extension/protocol/report.ts';
import { applyPlan } from '../../../extension/pruning/masks.ts';
import { planOf } from '../../../extension/pruning/plan.ts';
import { type MemoryLayer, memoryLayer, memoryModel } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';

const file = 'model.h5';

type Matrix = readonly (readonly number[])[];

/** A plain RNN with this kernel [unit][input], whose recurrent kernel has no say. */
function rnn(kernel: Matrix): MemoryLayer {
  const layer = memoryLayer(
    { name: 'rnn', cell: 'RNN', inputSize: kernel[0].length, hiddenSize: kernel.length, biases: 0 },
    seeded(1),
  );
  for (const [unit, row] of kernel.entries())
    for (const [input, value] of row.entries()) layer.kernel.values[input * kernel.length + unit] = value;
  return layer;
}

async function prune(layer: MemoryLayer, recipe: Recipe) {
  return applyPlan(planOf(recipe, memoryModel([layer])), { file });
}

/** The mask of a gate's kernel or recurrent kernel, row by row as text: `101 111`. */
function shown(layer: MemoryLayer, matrix: 'kernel' | 'recurrent' = 'kernel', name: GateName = 'h'): string {
  const view = (layer.gates.find((gate) => gate.name === name) ?? assert.fail(name))[matrix];
  const mask = Float32Array.from(view.parameter.mask ?? assert.fail('there is no mask'));
  const flags = gathered(view, mask);
  return Array.from({ length: view.rows }, (_, r) =>
    flags.slice(r * view.columns, (r + 1) * view.columns).join(''),
  ).join(' ');
}

async function kernelMask(kernel: Matrix, recipe: Recipe): Promise<string> {
  const layer = rnn(kernel);
  await prune(layer, { exclude: 'rnn/recurrent', ...recipe });
  return shown(layer);
}

test('blocks go whole; those at the edges are smaller and count by their means', async () => {
  // Blocks of 2 × 2 on 3 × 5: means 2, 3, 4 above; 1, 9, 2.5 below, where there is one row, and one column on the right.
  const kernel = [
    [1, 2, 3, 3, 4],
    [3, 2, 3, 3, 4],
    [0.5, 1.5, 9, 9, 2.5],
  ];
  const recipe: Recipe = { granularity: 'block', block: '2x2' };
  const masks = [];
  for (const gone of [1, 2, 3, 4, 5]) masks.push(await kernelMask(kernel, { ...recipe, sparsity: gone / 6 }));
  assert.deepEqual(masks, [
    '11111 11111 00111',
    '00111 00111 00111',
    '00111 00111 00110',
    '00001 00001 00110',
    '00000 00000 00110',
  ]);
});

test('a block larger than the matrix is all of it, and stays', async () => {
  const recipe: Recipe = { granularity: 'block', block: '9x9', sparsity: 1 };
  assert.equal(await kernelMask([[1, 2, 3]], recipe), '111');
});

test('blocks do not reach over from one gate into the next', async () => {
  const layer = memoryLayer({ inputSize: 2, hiddenSize: 3, biases: 0 }, seeded(1));
  // Gate i's last unit is small, f's first not: in Keras' layout they are neighbours.
  layer.kernel.values.fill(1);
  for (const input of [0, 1]) layer.kernel.values[input * 12 + 2] = 0.1;
  await prune(layer, { granularity: 'block', block: '2x2', sparsity: 1 / 8, exclude: 'layer/recurrent' });
  assert.equal(shown(layer, 'kernel', 'i'), '11 11 00');
  assert.equal(shown(layer, 'kernel', 'f'), '11 11 11');
});

test('without a size blocks are 4 × 4', async () => {
  const kernel = Array.from({ length: 5 }, (_, r) =>
    Array.from({ length: 5 }, (_, c) => (r < 4 && c < 4 ? 1 : 2)),
  );
  assert.equal(
    await kernelMask(kernel, { granularity: 'block', sparsity: 0.25 }),
    '00001 00001 00001 00001 11111',
  );
});

test('N:M keeps the N largest of every M in a row; of a shorter rest as large a share, rounded up', async () => {
  const kernel = [
    [1, 4, 2, 3, 1, 2, 3],
    [9, 8, 7, 6, 3, 2, 1],
  ];
  assert.equal(await kernelMask(kernel, { granularity: 'n:m', pattern: '2:4' }), '0101011 1100110');
  assert.equal(await kernelMask(kernel, { granularity: 'n:m', pattern: '1:2' }), '0101011 1010101');
  assert.equal(await kernelMask(kernel, { granularity: 'n:m', pattern: '3:4' }), '0111111 1110111');
  // 2:4 is what counts where nothing is said.
  assert.equal(await kernelMask(kernel, { granularity: 'n:m' }), '0101011 1100110');
});

test('every bank of a row loses the same share, the shorter rest the nearest', async () => {
  const kernel = [
    [1, 2, 3, 4, 8, 7, 6, 5, 2, 1],
    [9, 9, 9, 1, 1, 9, 9, 9, 9, 9],
  ];
  const recipe: Recipe = { granularity: 'bank', bank: 4 };
  // Of the last 2 a half of 2 · 0.25 rounds to 0.
  assert.equal(await kernelMask(kernel, { ...recipe, sparsity: 0.25 }), '0111111011 1110011111');
  // Of equal weights the first go.
  assert.equal(await kernelMask(kernel, { ...recipe, sparsity: 0.5 }), '0011110010 0110001101');
  assert.equal(await kernelMask(kernel, { ...recipe, sparsity: 1 }), '0000000000 0000000000');
});

test('banks longer than a few hundred weights are selected from alike', async () => {
  const row = Array.from({ length: 700 }, (_, i) => ((i * 389) % 701) + 1);
  const mask = await kernelMask([row], { granularity: 'bank', bank: 600, sparsity: 0.5 });
  for (const [from, to] of [
    [0, 600],
    [600, 700],
  ]) {
    const own = row.slice(from, to);
    const middle = own.toSorted((a, b) => a - b)[own.length / 2];
    assert.equal(mask.slice(from, to), own.map((value) => Number(value >= middle)).join(''));
  }
});

test('rows go whole, each gate’s own', async () => {
  const layer = memoryLayer({ cell: 'GRU', inputSize: 2, hiddenSize: 2, biases: 0 }, seeded(1));
  layer.kernel.values.fill(1);
  layer.recurrent.values.fill(2);
  // Unit 1 of gate r, [in, 3H]: column 3.
  for (const input of [0, 1]) layer.kernel.values[input * 6 + 3] = 0.5;
  await prune(layer, { granularity: 'row', sparsity: 1 / 12 });
  assert.deepEqual(
    (['z', 'r', 'h'] as const).map((gate) => shown(layer, 'kernel', gate)),
    ['11 11', '11 00', '11 11'],
  );
});

test('a column goes in all gates of its matrix', async () => {
  const layer = memoryLayer({ inputSize: 3, hiddenSize: 2, biases: 0 }, seeded(1));
  layer.kernel.values.fill(1);
  // Input 1 is the smallest over all gates, although not in gate c: [in, 4H].
  layer.kernel.values.fill(0.25, 8, 16);
  layer.kernel.values.fill(2, 12, 14);
  layer.recurrent.values.fill(1).fill(0.5, 8, 16);
  await prune(layer, { granularity: 'column', sparsity: 0.4 });
  for (const gate of ['i', 'f', 'c', 'o'] as const) {
    assert.equal(shown(layer, 'kernel', gate), '101 101');
    // Matrices compete with themselves only: round(0.4 · 2) of the recurrent kernel.
    assert.equal(shown(layer, 'recurrent', gate), '10 10');
  }
});

test('columns of one gate that has a target of its own go in that gate alone', async () => {
  const layer = memoryLayer({ inputSize: 2, hiddenSize: 2, biases: 0 }, seeded(1));
  layer.kernel.values.fill(1);
  layer.recurrent.values.fill(2);
  await prune(layer, { granularity: 'column', sparsity: 0, gates: { c: 0.25 } });
  assert.deepEqual(
    (['i', 'f', 'c', 'o'] as const).map((gate) => shown(layer, 'kernel', gate)),
    ['11 11', '11 11', '01 01', '11 11'],
  );
});

/** The groups of a kernel of 2 × 2, all weights alike. */
const alike: [GranularityName, Recipe, string[]][] = [
  ['weight', {}, ['01 11', '00 11', '00 01', '00 00']],
  ['block', { block: '1x1' }, ['01 11', '00 11', '00 01', '00 01']],
  ['row', {}, ['11 11', '00 11', '00 11', '00 11']],
  ['column', {}, ['11 11', '01 01', '01 01', '01 01']],
];
for (const [granularity, shape, masks] of alike) {
  test(`granularity ${granularity}: of equal groups the lower index goes first, and at least one group stays`, async () => {
    const kernel = [
      [1, -1],
      [-1, 1],
    ];
    const found = [];
    for (const sparsity of [0.25, 0.5, 0.75, 1])
      found.push(await kernelMask(kernel, { granularity, ...shape, sparsity }));
    // 0.25 of two groups rounds to none, and 0.75 to 2.
    assert.deepEqual(found, masks);
  });
}

test('one group of every set stays, and globally one of all', async () => {
  for (const [scope, rows] of [
    ['gate', 3],
    ['matrix', 2],
    ['layer', 1],
    ['global', 1],
  ] as const) {
    const layer = memoryLayer({ cell: 'GRU', inputSize: 2, hiddenSize: 4, biases: 0 }, seeded(4));
    await prune(layer, { granularity: 'row', sparsity: 1, scope });
    const masks = (['kernel', 'recurrent'] as const).flatMap((matrix) =>
      (['z', 'r', 'h'] as const).flatMap((gate) => shown(layer, matrix, gate).split(' ')),
    );
    assert.equal(masks.filter((row) => row.includes('1')).length, rows, scope);
  }
});

test('the best group stays, which is not always the last', async () => {
  const kernel = [[1], [3], [2]];
  assert.equal(await kernelMask(kernel, { granularity: 'row', sparsity: 1 }), '0 1 0');
});

test('zeros that are there stay masked inside groups that stay', async () => {
  const kernel = [
    [0, 5, 6],
    [1, 1, 1],
    [7, -0, 8],
  ];
  assert.equal(await kernelMask(kernel, { granularity: 'row', sparsity: 1 / 3 }), '011 000 101');
  // Columns of the means 8/3, 2 and 5.
  assert.equal(
    await kernelMask(kernel, { granularity: 'block', block: '3x1', sparsity: 1 / 3 }),
    '001 101 101',
  );
});

test('a group of which nothing is left counts as pruned', async () => {
  const kernel = [
    [0, 0],
    [1, 1],
    [2, 0],
    [3, 3],
  ];
  const layer = rnn(kernel);
  const notes = await prune(layer, { granularity: 'row', sparsity: 0.25, exclude: 'rnn/recurrent' });
  assert.equal(shown(layer), '00 11 10 11');
  assert.deepEqual(notes, []);
  // Another group goes for a higher target, and none for a lower one, which is said.
  assert.equal(await kernelMask(kernel, { granularity: 'row', sparsity: 0.5 }), '00 00 10 11');
  const less = await prune(rnn(kernel), { granularity: 'row', sparsity: 0.1, exclude: 'rnn/recurrent' });
  assert.deepEqual(less, [
    { code: 'noteNothingPruned', args: { target: '10 %', present: '25 %', set: 'rnn' } },
  ]);
});

test('zeros in banks go for what the bank is to lose', async () => {
  const kernel = [[1, 0, 3, 2, 0, 0, 0, 4]];
  // The second bank has more zeros than a half already.
  assert.equal(await kernelMask(kernel, { granularity: 'n:m', pattern: '2:4' }), '00110001');
  assert.equal(await kernelMask(kernel, { granularity: 'bank', bank: 4, sparsity: 0.25 }), '10110001');
});

test('a target below the present sparsity is only noted where nothing at all was pruned', async () => {
  // Half of the weights are 0, all in one row; of the others 2:4 takes a half all the same.
  const layer = rnn([
    [0, 0, 0, 0],
    [1, 2, 3, 4],
  ]);
  const notes = await prune(layer, {
    granularity: 'bank',
    bank: 4,
    sparsity: 0.25,
    exclude: 'rnn/recurrent',
  });
  assert.equal(shown(layer), '0000 0111');
  assert.deepEqual(notes, []);
});

test('zeros that may become weights again are kept where their groups are', async () => {
  const kernel = [
    [0, 5],
    [1, 1],
  ];
  const recipe: Recipe = { regrowZeros: true };
  assert.equal(await kernelMask(kernel, { ...recipe, granularity: 'row', sparsity: 0.5 }), '11 00');
  assert.equal(await kernelMask(kernel, { ...recipe, sparsity: 0 }), '11 11');
  // They are the smallest all the same, of the weights and of the groups.
  assert.equal(await kernelMask(kernel, { ...recipe, sparsity: 0.25 }), '01 11');
  const zeros = [
    [0, 0],
    [0, 1],
  ];
  const layer = rnn(zeros);
  const notes = await prune(layer, { ...recipe, sparsity: 0.25, exclude: 'rnn/recurrent' });
  assert.deepEqual([shown(layer), notes], ['01 11', []]);
});

/** Recurrent weights of 3 units [in, unit], the smallest on the diagonal. */
function small(diagonal: number): MemoryLayer {
  const layer = rnn([[1], [1], [1]]);
  layer.recurrent.values.set([diagonal, 2, 3, 4, diagonal, 5, 6, 7, diagonal]);
  return layer;
}

const diagonals: [Recipe, string][] = [
  [{ sparsity: 1 / 3 }, '101 011 011'],
  [{ sparsity: 1 }, '100 010 001'],
  [{ granularity: 'block', block: '1x1', sparsity: 1 }, '100 010 001'],
  [{ granularity: 'block', block: '2x2', sparsity: 1 }, '110 110 001'],
  [{ granularity: 'bank', bank: 3, sparsity: 1 }, '100 010 001'],
  [{ granularity: 'n:m', pattern: '1:3' }, '100 010 001'],
  [{ granularity: 'n:m', pattern: '2:3' }, '101 011 011'],
];
for (const [recipe, mask] of diagonals) {
  test(`diagonals that are kept stay: ${JSON.stringify(recipe)}`, async () => {
    const layer = small(0.1);
    await prune(layer, { ...recipe, keepDiagonal: true, exclude: 'rnn/kernel' });
    assert.equal(shown(layer, 'recurrent'), mask);
  });
}

test('a diagonal that is kept counts in the mean of a threshold', async () => {
  // (3 · 6 + 27) / 9 = 5, below which are 2, 3 and 4; without the diagonal it would be 3.
  const layer = small(6);
  await prune(layer, { criterion: 'threshold', k: 1, keepDiagonal: true, exclude: 'rnn/kernel' });
  assert.equal(shown(layer, 'recurrent'), '101 011 011');
  // It stays where it is below the limit too, 1.5 · 5.
  const other = small(6);
  await prune(other, { criterion: 'threshold', k: 1.5, keepDiagonal: true, exclude: 'rnn/kernel' });
  assert.equal(shown(other, 'recurrent'), '100 010 001');
});

test('a diagonal is kept in every gate’s recurrent kernel, and in no square kernel', async () => {
  const layer = memoryLayer({ inputSize: 2, hiddenSize: 2, biases: 0 }, seeded(5));
  await prune(layer, { sparsity: 1, keepDiagonal: true });
  for (const gate of ['i', 'f', 'c', 'o'] as const) {
    assert.equal(shown(layer, 'recurrent', gate), '10 01');
    assert.equal(shown(layer, 'kernel', gate), '00 00');
  }
});

test('zeros on a diagonal stay zeros', async () => {
  const layer = small(0);
  await prune(layer, { sparsity: 1, keepDiagonal: true, exclude: 'rnn/kernel' });
  assert.equal(shown(layer, 'recurrent'), '000 000 000');
});

test('masks only grow: what one plan took away another does not bring back', async () => {
  const layer = rnn([[1, 2, 3, 4]]);
  await prune(layer, { sparsity: 0.5, exclude: 'rnn/recurrent' });
  for (const recipe of [
    { sparsity: 0.25 },
    { sparsity: 0.25, regrowZeros: true },
    { granularity: 'column', sparsity: 0.25 },
  ] satisfies Recipe[]) {
    await prune(layer, { ...recipe, exclude: 'rnn/recurrent' });
    assert.equal(shown(layer), '0011');
  }
  await prune(layer, { sparsity: 0.75, regrowZeros: true, exclude: 'rnn/recurrent' });
  assert.equal(shown(layer), '0001');
});
