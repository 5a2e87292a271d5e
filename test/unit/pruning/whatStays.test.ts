import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Recipe } from '../../../extension/protocol/recipe.ts';
import { kernelMask, prune, rnn, shown } from '../../support/maskText.ts';
import { type MemoryLayer, memoryLayer } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';

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

test('all that there is of the recurrent matrices of a diagonal layer is a diagonal', async () => {
  const layer = memoryLayer({ inputSize: 2, hiddenSize: 3, diagonal: true, biases: 0 }, seeded(5));
  await prune(layer, { sparsity: 1, keepDiagonal: true });
  assert.equal(shown(layer, 'recurrent', 'c'), '1 1 1');
  assert.equal(shown(layer, 'kernel', 'c'), '00 00 00');
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
