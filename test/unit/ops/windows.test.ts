// Shapes of what works on windows of steps, on groups of channels, and in heads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryParameter } from '../../support/memoryModel.ts';
import { type Bare, refuses, type Shape, shapesOf } from './shapesOf.ts';

const sequence: Shape = [null, 7, 4];
const vector = (length: number) => memoryParameter('v', [length], new Float32Array(length));

/** A convolution to six channels by a kernel of this many steps. */
function convolution(size: number, options: object = {}, columns = 4): Bare {
  const parameter = memoryParameter('k', [size, columns, 6], new Float32Array(size * columns * 6));
  const tap = { parameter, rows: 6, columns, offset: 0, rowStride: 1, columnStride: 6 };
  const taps = Array.from({ length: size }, (_, i) => ({ ...tap, offset: i * columns * 6 }));
  return { op: 'Conv', taps, groups: 1, stride: 1, dilation: 1, spread: 1, padding: [0, 0], ...options };
}

const lengths: [size: number, options: object, steps: number][] = [
  [3, {}, 5],
  [3, { padding: [2, 0] }, 7],
  [3, { padding: 'same' }, 7],
  [3, { padding: 'same', stride: 3 }, 3],
  [2, { stride: 3 }, 2],
  [3, { dilation: 3 }, 1],
  [3, { dilation: 4 }, 0],
  [2, { spread: 2, padding: [1, 1] }, 14],
];
for (const [size, options, steps] of lengths) {
  test(`a kernel of ${size} steps with ${JSON.stringify(options)} makes 7 steps ${steps}`, () => {
    assert.deepEqual(shapesOf(convolution(size, options), [sequence]), [[null, steps, 6]]);
    assert.deepEqual(shapesOf(convolution(size, options), [[null, null, 4]]), [[null, null, 6]]);
  });
}

test('a convolution takes as many channels as its kernel has', async () => {
  await refuses(convolution(2), [[null, 7, 5]], 'a last axis of 4', '[N, 7, 5]');
  await refuses(convolution(2), [[null, 4]], '3 / 4 axes', '[N, 4]');
  await refuses(convolution(2, { bias: vector(5) }), [sequence], 'weights of the shape [6]');
  assert.deepEqual(shapesOf(convolution(2, { groups: 2 }, 2), [sequence]), [[null, 6, 6]]);
  await refuses(convolution(2, { groups: 4 }, 1), [sequence], 'channels that 4 groups divide');
});

test('pooling makes a step of each window, and keeps the channels', async () => {
  const pool: Bare = { op: 'MaxPool', size: 3, stride: 2, padding: [0, 0] };
  assert.deepEqual(shapesOf(pool, [sequence]), [[null, 3, 4]]);
  assert.deepEqual(shapesOf({ ...pool, padding: 'same' }, [sequence]), [[null, 4, 4]]);
  await refuses(pool, [[null, 4]], '3 / 4 axes', '[N, 4]');
});

test('windows go over each of several sequences by itself', () => {
  const sequences: Shape = [null, null, 7, 4];
  assert.deepEqual(shapesOf(convolution(3), [sequences]), [[null, null, 5, 6]]);
  const pool: Bare = { op: 'AveragePool', size: 3, stride: 2, padding: [0, 0] };
  assert.deepEqual(shapesOf(pool, [sequences]), [[null, null, 3, 4]]);
});

test('windows over images go over rows and steps', async () => {
  const rows = { size: 3, stride: 2, dilation: 1, padding: [1, 1] };
  const images: Shape = [null, 9, 7, 4];
  assert.deepEqual(shapesOf(convolution(6, { rows }), [images]), [[null, 5, 6, 6]]);
  assert.deepEqual(shapesOf(convolution(6, { rows }), [[null, 2, null, 7, 4]]), [[null, 2, null, 6, 6]]);
  await refuses(convolution(6, { rows }), [sequence], '4 / 5 axes', '[N, 7, 4]');
  const pool: Bare = {
    op: 'MaxPool',
    size: 2,
    stride: 2,
    padding: [0, 0],
    rows: { ...rows, padding: [0, 0] },
  };
  assert.deepEqual(shapesOf(pool, [images]), [[null, 4, 3, 4]]);
});

test('Pad and Upsample change the steps alone', () => {
  assert.deepEqual(shapesOf({ op: 'Pad', before: 2, after: -1 }, [sequence]), [[null, 8, 4]]);
  assert.deepEqual(shapesOf({ op: 'Pad', before: -5, after: -5 }, [sequence]), [[null, 0, 4]]);
  assert.deepEqual(shapesOf({ op: 'Upsample', factor: 3 }, [[null, null, 4]]), [[null, null, 4]]);
  assert.deepEqual(shapesOf({ op: 'Upsample', factor: 3 }, [sequence]), [[null, 21, 4]]);
});

test('GroupNormalization takes channels that its groups divide', async () => {
  const node = { op: 'GroupNormalization', axis: -1, epsilon: 1e-3 } as const;
  assert.deepEqual(shapesOf({ ...node, groups: 2, gamma: vector(4) }, [sequence]), [sequence]);
  await refuses({ ...node, groups: 3 }, [sequence], 'channels that 3 groups divide', '[N, 7, 4]');
  await refuses({ ...node, groups: 1, axis: 1 }, [[null, null, 4]], 'channels that 1 groups divide');
});

test('the slope of PRelu has the axes of a sample, each as long or 1', async () => {
  const slope = (...shape: number[]): Bare => ({
    op: 'PRelu',
    slope: memoryParameter('s', shape, new Float32Array(shape.reduce((a, b) => a * b, 1))),
  });
  assert.deepEqual(shapesOf(slope(7, 4), [sequence]), [sequence]);
  assert.deepEqual(shapesOf(slope(1, 4), [sequence]), [sequence]);
  await refuses(slope(4), [sequence], '2 axes', '[N, 7, 4]');
  await refuses(slope(1, 5), [sequence], 'weights of the shape [1, 4]');
});

test('heads divide the features of query and value', async () => {
  const dot: Bare = { op: 'Attention', score: 'dot', heads: 2 };
  assert.deepEqual(shapesOf(dot, [sequence, [null, 5, 6], [null, 5, 4]]), [[null, 7, 6]]);
  await refuses({ ...dot, heads: 3 }, [sequence, [null, 5, 6], [null, 5, 4]], 'features that 3 heads divide');
  await refuses(dot, [sequence, [null, 5, 5], [null, 5, 4]], 'features that 2 heads divide');
});
