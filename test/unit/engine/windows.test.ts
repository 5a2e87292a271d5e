// Operators over windows of steps, beside sums written out and values worked by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuEngine } from '../../../extension/engine/cpu/engine.ts';
import { graphSession } from '../../../extension/engine/graphSession.ts';
import type { GraphNode } from '../../../extension/model/graph.ts';
import type { ConvNode, PoolNode } from '../../../extension/model/windowNodes.ts';
import { memoryParameter } from '../../support/memoryModel.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { assertClose, compute, tensor } from './compute.ts';
import { shareThreads } from './shareThreads.ts';

shareThreads();

const base = { inputs: ['x0'], outputs: ['y'], origin: 'layer' } as const;
const next = seeded(11);
const [batch, steps] = [2, 6];

interface Convolution extends Partial<ConvNode> {
  readonly size: number;
  readonly channels: number;
  readonly filters: number;
}

const convolutions: [string, Convolution, before: number, count: number][] = [
  ['of three steps', { size: 3, channels: 2, filters: 4 }, 0, 4],
  ['of one step', { size: 1, channels: 3, filters: 2 }, 0, 6],
  ['that keeps the length', { size: 4, channels: 2, filters: 3, padding: 'same' }, 1, 6],
  ['of past steps, some left out', { size: 3, channels: 2, filters: 3, padding: [4, 0], dilation: 2 }, 4, 6],
  ['in strides', { size: 2, channels: 2, filters: 3, stride: 2, padding: 'same' }, 0, 3],
  ['in groups', { size: 3, channels: 4, filters: 6, groups: 2 }, 0, 4],
  ['of each channel by itself', { size: 2, channels: 3, filters: 6, groups: 3, stride: 3 }, 0, 2],
  ['of steps that are apart', { size: 3, channels: 2, filters: 2, spread: 2, padding: [2, 1] }, 2, 12],
  [
    'of steps that are apart, in windows that are',
    { size: 2, channels: 1, filters: 2, spread: 3, dilation: 2 },
    0,
    14,
  ],
  ['longer than the sequence', { size: 7, channels: 2, filters: 2 }, 0, 0],
];
for (const [name, { size, channels, filters, ...options }, before, count] of convolutions) {
  test(`a convolution ${name} is the sum over its windows`, async () => {
    const { groups = 1, stride = 1, dilation = 1, spread = 1 } = options;
    const [inputs, outputs] = [channels / groups, filters / groups];
    const kernel = memoryParameter('k', [filters, inputs, size], randomFloats(filters * inputs * size, next));
    const bias = memoryParameter('b', [filters], randomFloats(filters, next));
    const x = randomFloats(batch * steps * channels, next);
    const expected: number[] = [];
    for (let row = 0; row < batch * count; row++) {
      for (let f = 0; f < filters; f++) {
        let sum = bias.values[f];
        for (let k = 0; k < size; k++) {
          const t = ((row % count) * stride + k * dilation - before) / spread;
          if (!Number.isInteger(t) || t < 0 || t >= steps) continue;
          const step = (Math.floor(row / count) * steps + t) * channels + Math.floor(f / outputs) * inputs;
          for (let c = 0; c < inputs; c++) sum += x[step + c] * kernel.values[(f * inputs + c) * size + k];
        }
        expected.push(sum);
      }
    }
    // As ONNX and PyTorch keep it: [F, C, K].
    const taps = Array.from({ length: size }, (_, k) => ({
      parameter: kernel,
      rows: filters,
      columns: inputs,
      offset: k,
      rowStride: inputs * size,
      columnStride: size,
    }));
    const node: ConvNode = {
      ...base,
      op: 'Conv',
      taps,
      bias,
      groups,
      stride,
      dilation,
      spread,
      padding: [0, 0],
      ...options,
    };
    const input = tensor([batch, steps, channels], x);
    assertClose((await compute([node], [input], ['y']))[0], [batch, count, filters], expected, 1e-6);
    assertClose(await plainly(node, input), [batch, count, filters], expected, 1e-6);
  });
}

/** By TensorFlow.js' operations alone. */
async function plainly(node: GraphNode, x: ReturnType<typeof tensor>) {
  const shape = [null, ...x.shape.slice(1)];
  const graph = {
    inputs: [{ name: 'x0', shape, dtype: 'float32' as const }],
    nodes: [node],
    outputs: [{ name: 'y' }],
  };
  const session = await graphSession(graph, cpuEngine, []);
  const [y] = await session.forward([x]);
  await session.dispose();
  return y;
}

/** Two channels over five steps. */
const sequence = tensor([1, 5, 2], [1, -1, 5, -2, 3, -9, 2, -4, 7, -3]);
const pooled: [string, Omit<PoolNode, keyof typeof base>, steps: number, number[]][] = [
  ['the largest of two steps', { op: 'MaxPool', size: 2, stride: 2, padding: [0, 0] }, 2, [5, -1, 3, -4]],
  [
    'the largest, the last step by itself',
    { op: 'MaxPool', size: 2, stride: 2, padding: 'same' },
    3,
    [5, -1, 3, -4, 7, -3],
  ],
  [
    'the mean of three steps',
    { op: 'AveragePool', size: 3, stride: 2, padding: [0, 0] },
    2,
    [3, -4, 4, -16 / 3],
  ],
  [
    'the mean of those that are there',
    { op: 'AveragePool', size: 3, stride: 2, padding: 'same' },
    3,
    [3, -1.5, 10 / 3, -5, 4.5, -3.5],
  ],
  [
    'the mean with what is beyond as 0',
    { op: 'AveragePool', size: 3, stride: 2, padding: [1, 1], countPadding: true },
    3,
    [2, -1, 10 / 3, -5, 3, -7 / 3],
  ],
];
for (const [name, node, length, expected] of pooled) {
  test(`pooling puts out ${name}`, async () => {
    const [y] = await compute([{ ...base, ...node }], [sequence], ['y']);
    assertClose(y, [1, length, 2], expected, 1e-6);
  });
}

test('Pad puts steps of 0 before and behind, or takes steps away', async () => {
  const pad = async (before: number, after: number) => {
    const [y] = await compute([{ ...base, op: 'Pad', before, after }], [sequence], ['y']);
    return [y.shape[1], ...y.data];
  };
  assert.deepEqual(await pad(1, 0), [6, 0, 0, ...sequence.data]);
  assert.deepEqual(await pad(-1, -2), [2, 5, -2, 3, -9]);
  assert.deepEqual(await pad(-4, 1), [2, 7, -3, 0, 0]);
  assert.deepEqual(await pad(-3, -3), [0]);
});

test('Upsample puts each step out so many times', async () => {
  const [y] = await compute(
    [{ ...base, op: 'Upsample', factor: 2 }],
    [tensor([1, 2, 2], [1, 2, 3, 4])],
    ['y'],
  );
  assertClose(y, [1, 4, 2], [1, 2, 1, 2, 3, 4, 3, 4], 0);
});

test('GroupNormalization brings each group of channels over all steps to mean 0 and variance 1', async () => {
  // Channels 0 and 1 hold 1, 3, 5, 7 with variance 5; channel 2 and 3 hold 2 everywhere.
  const x = tensor([1, 2, 4], [1, 3, 2, 2, 5, 7, 2, 2]);
  const node = { ...base, op: 'GroupNormalization', groups: 2, axis: -1, epsilon: 4 } as const;
  const [plain] = await compute([node], [x], ['y']);
  assertClose(plain, [1, 2, 4], [-1, -1 / 3, 0, 0, 1 / 3, 1, 0, 0], 1e-6);
  const gamma = memoryParameter('gamma', [4], [3, 6, 1, 1]);
  const beta = memoryParameter('beta', [4], [0, 1, 2, 3]);
  const [both] = await compute([{ ...node, gamma, beta }], [x], ['y']);
  assertClose(both, [1, 2, 4], [-3, -1, 2, 3, 1, 7, 2, 3], 1e-6);
});

test('LpNormalization gives rows the length 1, and leaves zeros', async () => {
  const node = { ...base, op: 'LpNormalization', axis: -1, epsilon: 1e-24 } as const;
  const [y] = await compute([node], [tensor([2, 2], [3, 4, 0, 0])], ['y']);
  assertClose(y, [2, 2], [0.6, 0.8, 0, 0], 1e-6);
});

test('PRelu bends what is negative by the slope of its place', async () => {
  const slope = memoryParameter('slope', [1, 2], [0.5, 2]);
  const [y] = await compute([{ ...base, op: 'PRelu', slope }], [tensor([1, 2, 2], [-2, -3, 4, -1])], ['y']);
  assertClose(y, [1, 2, 2], [-1, -6, 4, -2], 1e-6);
});

test('MatMul takes the first axes of a kernel as its inputs', async () => {
  const weight = memoryParameter('w', [2, 1, 3], [1, 2, 3, 4, 5, 6]);
  const bias = memoryParameter('b', [1, 3], [10, 20, 30]);
  const node: GraphNode = { ...base, op: 'MatMul', weight, bias, inputAxes: 1 };
  assertClose((await compute([node], [tensor([1, 2], [1, 2])], ['y']))[0], [1, 3], [19, 32, 45], 1e-6);
  const others = memoryParameter('v', [2, 1, 3], [1, 2, 3, 4, 5, 6]);
  const out: GraphNode = { ...base, op: 'MatMul', weight: others, inputAxes: 2 };
  assertClose((await compute([out], [tensor([1, 2], [1, 2])], ['y']))[0], [1, 3], [9, 12, 15], 1e-6);
});

test('Attention of two heads weighs each half by its own scores', async () => {
  // In the first head the first key scores ln 3 more; in the second both score the same.
  const query = tensor([1, 1, 2], [1, 0]);
  const value = tensor([1, 2, 2], [4, 4, 8, 8]);
  const key = tensor([1, 2, 2], [2 * Math.log(3), 5, 0, 7]);
  const node = {
    inputs: ['x0', 'x1', 'x2'],
    outputs: ['y'],
    origin: 'layer',
    op: 'Attention',
    score: 'dot',
    heads: 2,
    factor: 0.5,
  } as const;
  assertClose((await compute([node], [query, value, key], ['y']))[0], [1, 1, 2], [5, 6], 1e-6);
});

test('a masked query puts out 0, or the mean of all values where that is asked for', async () => {
  const query = tensor([1, 2, 1], [3, 3]);
  const value = tensor([1, 2, 1], [1, 2]);
  const masks = [tensor([1, 2], [1, 0]), tensor([1, 2], [0, 1])];
  const node = {
    inputs: ['x0', 'x1'],
    outputs: ['y'],
    origin: 'layer',
    op: 'Attention',
    score: 'dot',
    masks: ['x2', 'x3'],
  } as const;
  assertClose((await compute([node], [query, value, ...masks], ['y']))[0], [1, 2, 1], [2, 0], 1e-6);
  const mean = { ...node, unseen: 'mean' } as const;
  assertClose((await compute([mean], [query, value, ...masks], ['y']))[0], [1, 2, 1], [2, 1.5], 1e-6);
});
