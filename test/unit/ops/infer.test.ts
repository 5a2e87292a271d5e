import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GraphNode } from '../../../extension/model/graph.ts';
import { inferShapes } from '../../../extension/ops/infer.ts';
import type { LossName } from '../../../extension/protocol/losses.ts';
import { memoryLayer, memoryParameter } from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';
import { type Bare, refuses, type Shape, shapesOf } from './shapesOf.ts';

const weight = memoryParameter('w', [3, 5], new Float32Array(15));
const vector = memoryParameter('v', [3], [1, 1, 1]);
const activation = { op: 'Tanh' } as const;

for (const cell of ['LSTM', 'GRU', 'RNN'] as const) {
  const layer = memoryLayer({ cell, inputSize: 3, hiddenSize: 4 }, seeded(1));
  const node: Bare = { op: cell, layer, activation, gateActivation: activation };

  test(`${cell}: [B,T,I] to [B,T,H] and [B,H]`, () => {
    assert.deepEqual(shapesOf(node, [[null, 7, 3]], 2), [
      [null, 7, 4],
      [null, 4],
    ]);
    assert.deepEqual(shapesOf(node, [[null, null, null]], 2)[0], [null, null, 4]);
  });

  const states = cell === 'LSTM' ? 2 : 1;
  const state: Shape = [null, 4];

  test(`${cell}: initial states [B,H] go in, final states come out`, async () => {
    const initial = Array.from({ length: states }, () => state);
    assert.deepEqual(shapesOf(node, [[null, 7, 3], ...initial], 2 + states), [
      [null, 7, 4],
      state,
      ...initial,
    ]);
    await refuses(
      node,
      [
        [null, 7, 3],
        [null, 5],
      ],
      'the shape [N, 4]',
      '[N, 5]',
    );
    await refuses(
      node,
      [
        [null, 7, 3],
        [null, 7, 4],
      ],
      'the shape [N, 4]',
      '[N, 7, 4]',
    );
    await refuses(node, [[null, 7, 3], ...initial, state], `1–${1 + states} inputs`, `gets ${2 + states}`);
  });

  test(`${cell}: a mask is [B,T]`, async () => {
    const masked: Bare = { ...node, mask: 'x0' };
    await refuses(masked, [[null, 7, 3]], 'the shape [N, 7]', '[N, 7, 3]');
  });

  test(`${cell}: another width or rank is refused with what was expected and found`, async () => {
    await refuses(node, [[null, 7, 2]], 'a last axis of 3', '[N, 7, 2]');
    await refuses(node, [[null, 3]], '3 axes', '[N, 3]');
    await refuses(node, [[null, null, 7, 3]], '3 axes', '[N, *, 7, 3]');
  });
}

test('a projection makes outputs and h as wide as it puts out, not c, and shows what it is applied to', async () => {
  const layer = memoryLayer({ inputSize: 3, hiddenSize: 4, projection: 2 }, seeded(1));
  const node: Bare = { op: 'LSTM', layer, activation, gateActivation: activation };
  const initial: Shape[] = [
    [null, 2],
    [null, 4],
  ];
  const expected: Shape[] = [[null, 7, 2], [null, 2], ...initial, [null, 7, 4]];
  assert.deepEqual(shapesOf(node, [[null, 7, 3], ...initial], 5), expected);
  await refuses(node, [[null, 7, 3], ...initial.toReversed()], 'the shape [N, 2]', '[N, 4]');
});

test('MatMul changes the last axis, whatever the rank', async () => {
  const node: Bare = { op: 'MatMul', weight };
  assert.deepEqual(shapesOf(node, [[null, 3]]), [[null, 5]]);
  assert.deepEqual(shapesOf(node, [[null, null, 3]]), [[null, null, 5]]);
  await refuses(node, [[null, 3, 4]], 'a last axis of 3', '[N, 3, 4]');
});

test('Gather adds the width of the table', () => {
  assert.deepEqual(shapesOf({ op: 'Gather', table: weight }, [[null, 9]]), [[null, 9, 5]]);
});

test('Concat adds the lengths along its axis', async () => {
  const last: Bare = { op: 'Concat', axis: -1 };
  assert.deepEqual(
    shapesOf(last, [
      [null, 4, 2],
      [null, 4, 3],
    ]),
    [[null, 4, 5]],
  );
  assert.deepEqual(
    shapesOf({ op: 'Concat', axis: 1 }, [
      [null, null, 2],
      [null, 4, 2],
    ]),
    [[null, null, 2]],
  );
  await refuses(
    last,
    [
      [null, 4, 2],
      [null, 5, 2],
    ],
    '[N, 5, 2]',
  );
  await refuses(last, [
    [null, 4, 2],
    [null, 2],
  ]);
});

test('Reshape finds the open axis, and refuses what does not divide', async () => {
  assert.deepEqual(shapesOf({ op: 'Reshape', shape: [-1, 6] }, [[null, 4, 3]]), [[null, 2, 6]]);
  assert.deepEqual(shapesOf({ op: 'Reshape', shape: [3, 4] }, [[null, 12]]), [[null, 3, 4]]);
  assert.deepEqual(shapesOf({ op: 'Reshape', shape: [-1, 6] }, [[null, null, 3]]), [[null, null, 6]]);
  await refuses({ op: 'Reshape', shape: [-1, 5] }, [[null, 4, 3]], '5 values a sample');
  await refuses({ op: 'Reshape', shape: [3, 5] }, [[null, 12]], '15 values a sample');
});

/** What a loss takes: outputs, then targets. */
const losses: [LossName, width: number, outputs: Shape, targets: Shape, refused?: string][] = [
  ['mean_squared_error', 3, [null, 3], [null, 3]],
  ['mean_squared_error', 3, [null, 3], [null, 2], 'the shape [N, 3]'],
  ['mean_squared_error', 3, [null, 4], [null, 4], 'a last axis of 3'],
  ['mean_squared_error', 3, [null, 3], [null], 'the shape [N, 3]'],
  ['mean_squared_error', 1, [null], [null]],
  ['mean_squared_error', 1, [null, 1], [null]],
  ['binary_crossentropy', 1, [null, 7, 1], [null, 7]],
  ['binary_crossentropy', 1, [null, 7, 1], [null, 6], 'the shape [N, 7]'],
  ['categorical_crossentropy', 5, [null, 7, 5], [null, null, 5]],
  ['sparse_categorical_crossentropy', 5, [null, 7, 5], [null, 7]],
  ['sparse_categorical_crossentropy', 5, [null, 7, 5], [null, 7, 1]],
  ['sparse_categorical_crossentropy', 5, [null, 7, 5], [null, 7, 5], 'the shape [N, 7, 1]'],
  ['ctc', 5, [null, 7, 5], [null, 3]],
  ['ctc', 5, [null, 5], [null, 3], 'the shape [N, *, 5]'],
  ['ctc', 5, [null, 7, 5], [null, 7, 1], 'the shape [N, *]'],
];
for (const [name, width, outputs, targets, refused] of losses) {
  const shapes = `[${outputs.map(String)}] and targets [${targets.map(String)}]`;
  test(`${name} of ${width} values: ${shapes} ${refused ? 'are refused' : 'give two scalars'}`, async () => {
    const node: Bare = { op: 'Loss', loss: { name, head: 'linear', width, fromLogits: false } };
    if (refused) await refuses(node, [outputs, targets], refused);
    else assert.deepEqual(shapesOf(node, [outputs, targets], 2), [[], []]);
  });
}

test('a loss takes outputs and targets, and a mask of their steps', async () => {
  const loss = { name: 'mean_squared_error', head: 'linear', width: 3, fromLogits: false } as const;
  await refuses({ op: 'Loss', loss }, [[null, 3]], '2 inputs', 'gets 1');
  const masked: Bare = { op: 'Loss', loss, mask: 'x1' };
  await refuses(
    masked,
    [
      [null, 7, 3],
      [null, 7, 3],
    ],
    'the shape [N, 7]',
    '[N, 7, 3]',
  );
});

test('Flatten leaves the batch and one axis', () => {
  assert.deepEqual(shapesOf({ op: 'Flatten', axis: 2 }, [[null, null, 7, 4]]), [[null, null, 28]]);
  assert.deepEqual(shapesOf({ op: 'Flatten' }, [[null, 4, 3, 2]]), [[null, 24]]);
  assert.deepEqual(shapesOf({ op: 'Flatten' }, [[null, null, 3]]), [[null, null]]);
  assert.deepEqual(shapesOf({ op: 'Flatten' }, [[null]]), [[null, 1]]);
});

test('masks are [B,T]', async () => {
  assert.deepEqual(shapesOf({ op: 'NotEqualMask', value: 0, overFeatures: true }, [[null, 4, 3]]), [
    [null, 4],
  ]);
  assert.deepEqual(shapesOf({ op: 'NotEqualMask', value: 0, overFeatures: false }, [[null, null]]), [
    [null, null],
  ]);
  assert.deepEqual(shapesOf({ op: 'LengthMask' }, [[null], [null, 4, 3]]), [[null, 4]]);
  await refuses(
    { op: 'LengthMask' },
    [
      [null, 4],
      [null, 4, 3],
    ],
    '1 axes',
  );
  await refuses({ op: 'NotEqualMask', value: 0, overFeatures: true }, [[null, 4]], '3 axes');
});

test('truths of single values lie as the values do', () => {
  assert.deepEqual(shapesOf({ op: 'NotEqualMask', value: 0, overFeatures: false }, [[null, 4, 3]]), [
    [null, 4, 3],
  ]);
});

const unchanged: Bare[] = [
  { op: 'Activation', activation },
  { op: 'Softmax', axis: -1 },
  { op: 'LogSoftmax', axis: -1 },
  { op: 'Reverse' },
  { op: 'Dropout', rate: 0.5 },
  { op: 'BatchNormalization', axis: -1, epsilon: 1e-3, mean: vector, variance: vector },
];
for (const node of unchanged) {
  test(`${node.op} keeps the shape`, () => {
    assert.deepEqual(shapesOf(node, [[null, 7, 3]]), [[null, 7, 3]]);
  });
}

test('BatchNormalization over an axis of another length is refused', async () => {
  const node = { op: 'BatchNormalization', epsilon: 1e-3, mean: vector, variance: vector } as const;
  await refuses({ ...node, axis: -1 }, [[null, 7, 4]], '3');
  await refuses({ ...node, axis: 1 }, [[null, 7, 3]], '3');
  assert.deepEqual(shapesOf({ ...node, axis: 1 }, [[null, 3, 8]]), [[null, 3, 8]]);
});

test('weights of another shape than the operator takes are refused', async () => {
  const flat = memoryParameter('flat', [15], new Float32Array(15));
  await refuses({ op: 'MatMul', weight: flat }, [[null, 3]], 'weights of the shape [*, *]', '[15]');
  await refuses({ op: 'MatMul', weight, bias: vector }, [[null, 3]], 'weights of the shape [5]', '[3]');
  await refuses({ op: 'Gather', table: flat }, [[null, 3]], 'weights of the shape');
  const node = { op: 'BatchNormalization', axis: -1, epsilon: 1e-3, mean: vector, variance: vector } as const;
  await refuses({ ...node, gamma: flat }, [[null, 3]], 'weights of the shape [3]', '[15]');
});

test('a mask applied to a sequence keeps its shape; combined masks keep theirs', () => {
  const masks: Shape[] = [
    [null, 7],
    [null, 7],
  ];
  for (const op of ['And', 'Or'] as const) assert.deepEqual(shapesOf({ op }, masks), [[null, 7]]);
  assert.deepEqual(shapesOf({ op: 'ApplyMask' }, [[null, 7, 3], masks[0]]), [[null, 7, 3]]);
});

test('shapes travel from node to node', () => {
  const graph = {
    inputs: [{ name: 'x', shape: [null, 4, 3], dtype: 'float32' as const }],
    nodes: [
      { op: 'MatMul', weight, inputs: ['x'], outputs: ['a'], origin: 'dense' },
      { op: 'Flatten', inputs: ['a'], outputs: ['b'], origin: 'flatten' },
    ] satisfies GraphNode[],
    outputs: [{ name: 'b' }],
  };
  assert.deepEqual(Object.fromEntries(inferShapes(graph)), {
    x: [null, 4, 3],
    a: [null, 4, 5],
    b: [null, 20],
  });
});

test('a softmax goes along an axis behind the batch', async () => {
  for (const op of ['Softmax', 'LogSoftmax'] as const) {
    assert.deepEqual(shapesOf({ op, axis: -2 }, [[null, 7, 3]], 1), [[null, 7, 3]]);
    for (const axis of [0, -3, 3])
      await refuses({ op, axis }, [[null, 7, 3]], `an axis ${axis} behind the first`, '[N, 7, 3]');
  }
});
