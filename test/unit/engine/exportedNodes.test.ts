// Nodes that graphs of other tools bring with them, worked by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GraphNode } from '../../../extension/model/graph.ts';
import { UserError } from '../../../extension/protocol/userError.ts';
import { memoryParameter } from '../../support/memoryModel.ts';
import { assertClose, compute, tensor } from './compute.ts';
import { shareThreads } from './shareThreads.ts';

shareThreads();

const base = { inputs: ['x0'], outputs: ['y'], origin: 'layer' } as const;
const pair = { ...base, inputs: ['x0', 'x1'] } as const;
const x = tensor([2, 3, 2], [1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6]);

test('Product multiplies the matrices of each sample', async () => {
  const a = tensor([2, 1, 2], [1, 2, 3, 4]);
  const b = tensor([2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
  const [y] = await compute([{ ...pair, op: 'Product' }], [a, b], ['y']);
  assertClose(y, [2, 1, 2], [7, 10, 43, 50], 0);
});

test('Product repeats outer axes of length 1, and weights for every sample', async () => {
  const view = {
    parameter: memoryParameter('w', [2, 1], [10, 1]),
    rows: 1,
    columns: 2,
    offset: 0,
    rowStride: 2,
    columnStride: 1,
  };
  const nodes: GraphNode[] = [
    { op: 'Weight', view, shape: [1, 2, 1], inputs: [], outputs: ['w'], origin: 'w' },
    { ...base, op: 'Product', inputs: ['x0', 'w'] },
  ];
  const [y] = await compute(nodes, [x], ['y']);
  assertClose(y, [2, 3, 1], [12, 34, 56, -12, -34, -56], 0);
});

for (const [name, node, shape, expected] of [
  ['one step', { op: 'Select', axis: 1, index: -1 }, [2, 2], [5, 6, -5, -6]],
  ['one feature', { op: 'Select', axis: 2, index: 0 }, [2, 3], [1, 3, 5, -1, -3, -5]],
  ['the last two steps', { op: 'Slice', axis: 1, begin: -2 }, [2, 2, 2], [3, 4, 5, 6, -3, -4, -5, -6]],
  [
    'all but the last step',
    { op: 'Slice', axis: 1, begin: 0, end: -1 },
    [2, 2, 2],
    [1, 2, 3, 4, -1, -2, -3, -4],
  ],
  ['every other step', { op: 'Slice', axis: 1, begin: 0, step: 2 }, [2, 2, 2], [1, 2, 5, 6, -1, -2, -5, -6]],
  ['the sum over features', { op: 'Reduce', by: 'Sum', axes: [2] }, [2, 3], [3, 7, 11, -3, -7, -11]],
  ['the mean over all axes', { op: 'Reduce', by: 'Mean', axes: [1, 2] }, [2], [3.5, -3.5]],
  [
    'the largest over steps',
    { op: 'Reduce', by: 'Max', axes: [1], keepAxes: true },
    [2, 1, 2],
    [5, 6, -1, -2],
  ],
  ['the smallest of all', { op: 'Reduce', by: 'Min', axes: [2, 1] }, [2], [1, -6]],
] as const) {
  test(`${node.op}: ${name}`, async () => {
    const [y] = await compute([{ ...base, ...node } as GraphNode], [x], ['y']);
    assertClose(y, shape, expected, 1e-6);
  });
}

test('Expand repeats an axis of length 1, so often or as another value is long', async () => {
  const row = tensor([2, 1, 2], [1, 2, 3, 4]);
  const expected = [1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4];
  const [counted] = await compute([{ ...base, op: 'Expand', axis: 1, count: 3 }], [row], ['y']);
  assertClose(counted, [2, 3, 2], expected, 0);
  const [alike] = await compute([{ ...pair, op: 'Expand', axis: 1, likeAxis: 1 }], [row, x], ['y']);
  assertClose(alike, [2, 3, 2], expected, 0);
});

test('Slice takes as many places as another value has, and says where there are fewer', async () => {
  const [long, short] = [tensor([1, 3, 2], [1, 2, 3, 4, 5, 6]), tensor([1, 2, 1], [0, 0])];
  const slice: GraphNode = { ...pair, op: 'Slice', axis: 1, begin: 0, likeAxis: 1 };
  const [first] = await compute([slice], [long, short], ['y']);
  assertClose(first, [1, 2, 2], [1, 2, 3, 4], 0);
  await assert.rejects(compute([slice], [tensor([1, 1, 1], [0]), short], ['y']), UserError);
});

test('a Constant is the same for every sample', async () => {
  const value = { shape: [1, 1, 2], data: Float32Array.of(10, 100) };
  const nodes: GraphNode[] = [
    { op: 'Constant', value, inputs: [], outputs: ['c'], origin: 'c' },
    { ...base, op: 'Mul', inputs: ['x0', 'c'] },
  ];
  const [y] = await compute(nodes, [tensor([2, 1, 2], [1, 2, 3, 4])], ['y']);
  assertClose(y, [2, 1, 2], [10, 200, 30, 400], 0);
});

test('Div and Pow take their inputs in order', async () => {
  const [a, b] = [tensor([1, 2], [8, 9]), tensor([1, 2], [2, 0.5])];
  const [divided] = await compute([{ ...pair, op: 'Div' }], [a, b], ['y']);
  assertClose(divided, [1, 2], [4, 18], 0);
  const [raised] = await compute([{ ...pair, op: 'Pow' }], [a, b], ['y']);
  assertClose(raised, [1, 2], [64, 3], 1e-6);
});

test('a softmax runs along the axis that it names', async () => {
  const [y] = await compute(
    [{ ...base, op: 'Softmax', axis: 1 }],
    [tensor([1, 2, 1], [0, Math.log(3)])],
    ['y'],
  );
  assertClose(y, [1, 2, 1], [0.25, 0.75], 1e-6);
  const [logs] = await compute(
    [{ ...base, op: 'LogSoftmax', axis: 1 }],
    [tensor([1, 2, 1], [0, Math.log(3)])],
    ['y'],
  );
  assertClose(logs, [1, 2, 1], [Math.log(0.25), Math.log(0.75)], 1e-6);
});
