import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GranularityName, Recipe } from '../../../extension/protocol/recipe.ts';
import { kernelMask, prune, shown } from '../../support/maskText.ts';
import { memoryLayer } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';

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
