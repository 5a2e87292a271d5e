// Shapes where values meet, and of what is done along the steps or the features.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryParameter } from '../../support/memoryModel.ts';
import { type Bare, refuses, type Shape, shapesOf } from './shapesOf.ts';

const sequence: Shape = [null, 7, 4];
const vector = (length: number) => memoryParameter('v', [length], new Float32Array(length));

for (const op of ['Add', 'Mul', 'Mean', 'Max', 'Min'] as const) {
  test(`${op} takes one input or more of one shape`, async () => {
    assert.deepEqual(shapesOf({ op }, [sequence]), [sequence]);
    assert.deepEqual(shapesOf({ op }, [sequence, sequence, sequence]), [sequence]);
    await refuses({ op }, [sequence, [null, 7, 5]], 'the shape [N, 7, 4]', '[N, 7, 5]');
    await refuses({ op }, [sequence, sequence, [null, 6, 4]], 'the shape [N, 7, 4]', '[N, 6, 4]');
  });
}

test('Sub takes two inputs', async () => {
  assert.deepEqual(shapesOf({ op: 'Sub' }, [sequence, sequence]), [sequence]);
  await refuses({ op: 'Sub' }, [sequence], '2 inputs', 'gets 1');
  await refuses({ op: 'Sub' }, [sequence, sequence, sequence], '2 inputs', 'gets 3');
});

/** Merged shapes, in either order. */
const repeated: [Shape, Shape, Shape][] = [
  [sequence, [null, 4], sequence],
  [sequence, [null, 1, 4], sequence],
  [sequence, [null, 7, 1], sequence],
  [
    [null, 7, 1],
    [null, 1, 4],
    [null, 7, 4],
  ],
  [[null, null, 4], sequence, sequence],
  [
    [null, null, 4],
    [null, 1, 4],
    [null, null, 4],
  ],
  [
    [null, 1],
    [null, 3],
    [null, 3],
  ],
];
for (const [a, b, merged] of repeated) {
  test(`[${a.map(String)}] and [${b.map(String)}] merge to [${merged.map(String)}]`, () => {
    assert.deepEqual(shapesOf({ op: 'Add' }, [a, b]), [merged]);
    assert.deepEqual(shapesOf({ op: 'Add' }, [b, a]), [merged]);
  });
}

test('masks of merged inputs are [B,T], each of its own input', async () => {
  const masked: Bare = { op: 'Mul', masks: ['mask', undefined] };
  assert.deepEqual(shapesOf(masked, [sequence, sequence], 1, [null, 7]), [sequence]);
  await refuses(
    { op: 'Mul', masks: [undefined, 'x0'] },
    [sequence, sequence],
    'the shape [N, 7]',
    '[N, 7, 4]',
  );
});

test('LayerNormalization keeps the shape; gamma and beta are as long as its axis', async () => {
  const node = { op: 'LayerNormalization', axis: -1, epsilon: 1e-3 } as const;
  assert.deepEqual(shapesOf(node, [sequence]), [sequence]);
  assert.deepEqual(shapesOf({ ...node, gamma: vector(4), beta: vector(4) }, [sequence]), [sequence]);
  assert.deepEqual(shapesOf({ ...node, axis: 1, gamma: vector(7) }, [sequence]), [sequence]);
  await refuses({ ...node, gamma: vector(5) }, [sequence], 'a length of 5 along axis -1', '[N, 7, 4]');
  await refuses(
    { ...node, gamma: vector(4), beta: vector(5) },
    [sequence],
    'weights of the shape [4]',
    '[5]',
  );
  await refuses({ ...node, axis: 3 }, [sequence], 'an axis 3', '[N, 7, 4]');
  await refuses({ ...node, axis: 0 }, [sequence], 'an axis 0', '[N, 7, 4]');
});

for (const op of ['ReduceMean', 'ReduceMax'] as const) {
  test(`${op} loses the steps, or keeps one`, async () => {
    assert.deepEqual(shapesOf({ op }, [sequence]), [[null, 4]]);
    assert.deepEqual(shapesOf({ op, keepAxis: true }, [[null, null, 4]]), [[null, 1, 4]]);
    await refuses({ op }, [[null, 4]], '3 axes', '[N, 4]');
    await refuses({ op, mask: 'x0' }, [sequence], 'the shape [N, 7]', '[N, 7, 4]');
  });
}

test('RepeatVector makes steps of a vector', async () => {
  assert.deepEqual(shapesOf({ op: 'RepeatVector', count: 3 }, [[null, 4]]), [[null, 3, 4]]);
  await refuses({ op: 'RepeatVector', count: 3 }, [sequence], '2 axes', '[N, 7, 4]');
});

test('Transpose orders the axes anew', async () => {
  const node: Bare = { op: 'Transpose', permutation: [0, 2, 1] };
  assert.deepEqual(shapesOf(node, [[null, null, 4]]), [[null, 4, null]]);
  await refuses(node, [[null, 4]], '3 axes', '[N, 4]');
});

test('Attention gives every query a mean of the values', async () => {
  const dot: Bare = { op: 'Attention', score: 'dot' };
  const values: Shape = [null, 5, 4];
  assert.deepEqual(shapesOf(dot, [sequence, values]), [[null, 7, 4]]);
  assert.deepEqual(shapesOf(dot, [sequence, [null, 5, 2], values]), [[null, 7, 2]]);
  assert.deepEqual(shapesOf(dot, [sequence, [null, null, 4]]), [[null, 7, 4]]);
  await refuses(dot, [sequence, [null, 5, 3]], 'the shape [N, 5, 4]', '[N, 5, 3]');
  await refuses(dot, [sequence, values, [null, 6, 4]], 'the shape [N, 5, 4]', '[N, 6, 4]');
  await refuses(dot, [sequence], '2–3 inputs', 'gets 1');
  await refuses(dot, [[null, 4], values], '3 axes', '[N, 4]');
});

test('the scale of attention is one value, or one a feature', async () => {
  const values: Shape = [null, 5, 4];
  const one = memoryParameter('s', [], [1]);
  assert.deepEqual(shapesOf({ op: 'Attention', score: 'dot', scale: one }, [sequence, values]), [sequence]);
  assert.deepEqual(shapesOf({ op: 'Attention', score: 'additive', scale: vector(4) }, [sequence, values]), [
    sequence,
  ]);
  await refuses(
    { op: 'Attention', score: 'dot', scale: vector(4) },
    [sequence, values],
    'weights of the shape []',
  );
  await refuses(
    { op: 'Attention', score: 'additive', scale: one },
    [sequence, values],
    'weights of the shape [4]',
  );
});

test('masks of attention are those of query and value', async () => {
  const dot = { op: 'Attention', score: 'dot' } as const;
  const values: Shape = [null, 5, 4];
  assert.deepEqual(shapesOf({ ...dot, masks: ['mask'] }, [sequence, values], 1, [null, 7]), [sequence]);
  assert.deepEqual(shapesOf({ ...dot, masks: [undefined, 'mask'] }, [sequence, values], 1, [null, 5]), [
    sequence,
  ]);
  await refuses({ ...dot, masks: ['x1'] }, [sequence, values], 'the shape [N, 7]', '[N, 5, 4]');
  await refuses({ ...dot, masks: [undefined, 'x0'] }, [sequence, values], 'the shape [N, 5]', '[N, 7, 4]');
});
