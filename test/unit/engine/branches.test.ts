// Operators where values meet, and that work along the steps or the features, beside values worked by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttentionNode } from '../../../extension/model/attentionNode.ts';
import type { GraphNode } from '../../../extension/model/graph.ts';
import type { MergeNode } from '../../../extension/model/mergeNode.ts';
import { memoryParameter } from '../../support/memoryModel.ts';
import { assertClose, compute, tensor } from './compute.ts';
import { shareThreads } from './shareThreads.ts';

shareThreads();

const tolerance = 1e-6;
const named = (count: number) => ({
  inputs: Array.from({ length: count }, (_, i) => `x${i}`),
  outputs: ['y'],
  origin: 'layer',
});

/** Two samples of two steps of one feature, and a third input. */
const a = [1, 2, 3, 4];
const b = [5, -6, 7, -8];
const c = [0, 9, -1, 2];

const merged: [MergeNode['op'], number[][], number[]][] = [
  ['Add', [a, b, c], [6, 5, 9, -2]],
  ['Sub', [a, b], [-4, 8, -4, 12]],
  ['Mul', [a, b, c], [0, -108, -21, -64]],
  ['Mean', [a, b, c], [2, 5 / 3, 3, -2 / 3]],
  ['Max', [a, b, c], [5, 9, 7, 4]],
  ['Min', [a, b, c], [0, -6, -1, -8]],
  ['Add', [a], a],
];
for (const [op, inputs, expected] of merged) {
  test(`${op} of ${inputs.length} goes value by value`, async () => {
    const node: GraphNode = { ...named(inputs.length), op };
    const [y] = await compute(
      [node],
      inputs.map((values) => tensor([2, 2, 1], values)),
      ['y'],
    );
    assertClose(y, [2, 2, 1], expected, tolerance);
  });
}

test('a vector meets every step, and a single feature all of them', async () => {
  const x = tensor([1, 2, 3], [1, 2, 3, 4, 5, 6]);
  const add: GraphNode = { ...named(2), op: 'Add' };
  const [vector] = await compute([add], [tensor([1, 3], [10, 20, 30]), x], ['y']);
  assertClose(vector, [1, 2, 3], [11, 22, 33, 14, 25, 36], tolerance);
  const [feature] = await compute([{ ...add, op: 'Max' }], [x, tensor([1, 2, 1], [2, 5])], ['y']);
  assertClose(feature, [1, 2, 3], [2, 2, 3, 5, 5, 6], tolerance);
});

/** Masks of a and b: both real, the first alone, the second alone, neither. */
const firstMask = [1, 1, 0, 0];
const secondMask = [1, 0, 1, 0];
const maskedMerges: [MergeNode['op'], expected: number[]][] = [
  ['Mul', [5, 2, 7, 0]],
  ['Max', [5, 2, 7, 4]],
  ['Min', [1, 2, 7, 4]],
];
for (const [op, expected] of maskedMerges) {
  test(`${op} leaves an input out where it is masked`, async () => {
    const node: GraphNode = { ...named(2), op, masks: ['x2', 'x3'] };
    const inputs = [a, b].map((values) => tensor([1, 4, 1], values));
    const masks = [firstMask, secondMask].map((values) => tensor([1, 4], values));
    const [y] = await compute([node], [...inputs, ...masks], ['y']);
    assertClose(y, [1, 4, 1], expected, tolerance);
  });
}

test('an input without a mask is never left out', async () => {
  const inputs = [tensor([1, 4, 1], a), tensor([1, 4, 1], b), tensor([1, 4], secondMask)];
  const product: GraphNode = { ...named(2), op: 'Mul', masks: [undefined, 'x2'] };
  assertClose((await compute([product], inputs, ['y']))[0], [1, 4, 1], [5, 2, 21, 4], tolerance);
  const largest: GraphNode = { ...named(2), op: 'Max', masks: [undefined, 'x2'] };
  assertClose((await compute([largest], inputs, ['y']))[0], [1, 4, 1], [5, 2, 7, 4], tolerance);
});

test('what is masked may be infinite or no number', async () => {
  const x = tensor([1, 2, 1], [3, Number.NaN]);
  const masks = [tensor([1, 2], [1, 0])];
  for (const op of ['Mul', 'Max', 'Min'] as const) {
    const node: GraphNode = { ...named(2), op, masks: [undefined, 'x2'] };
    const [y] = await compute([node], [tensor([1, 2, 1], [2, 4]), x, ...masks], ['y']);
    assert.equal(y.data[1], 4, op);
  }
  const mean: GraphNode = { ...named(1), op: 'ReduceMean', mask: 'x1' };
  assertClose((await compute([mean], [x, ...masks], ['y']))[0], [1, 1], [3], tolerance);
});

test('LayerNormalization brings every row to mean 0 and variance 1', async () => {
  // Mean 2 and variance 2 / 3; mean 4 and variance 6.
  const x = tensor([1, 2, 3], [1, 2, 3, 1, 7, 4]);
  const node = { ...named(1), op: 'LayerNormalization', axis: -1, epsilon: 1 / 3 } as const;
  const [plain] = await compute([node], [x], ['y']);
  const deviation = Math.sqrt(6 + 1 / 3);
  assertClose(plain, [1, 2, 3], [-1, 0, 1, -3 / deviation, 3 / deviation, 0], tolerance);
  const gamma = memoryParameter('gamma', [3], [2, 3, 4]);
  const beta = memoryParameter('beta', [3], [0.5, 0.25, -1]);
  const [both] = await compute([{ ...node, gamma, beta }], [x], ['y']);
  assertClose(both, [1, 2, 3], [-1.5, 0.25, 3, 0.5 - 6 / deviation, 0.25 + 9 / deviation, -1], tolerance);
  const [shifted] = await compute([{ ...node, beta }], [x], ['y']);
  assertClose(shifted, [1, 2, 3], [-0.5, 0.25, 0, 0.5 - 3 / deviation, 0.25 + 3 / deviation, -1], tolerance);
});

test('LayerNormalization over the steps takes each feature by itself', async () => {
  const gamma = memoryParameter('gamma', [2], [1, 10]);
  const node: GraphNode = { ...named(1), op: 'LayerNormalization', axis: 1, epsilon: 0, gamma };
  const [y] = await compute([node], [tensor([1, 2, 2], [1, 10, 3, 30])], ['y']);
  assertClose(y, [1, 2, 2], [-1, -1, 10, 10], tolerance);
});

const steps = tensor([2, 3, 2], [1, -1, 2, -2, 6, -9, 0, 5, 4, 4, -7, 3]);
const mask = tensor([2, 3], [1, 1, 0, 0, 1, 1]);
const pooled: ['ReduceMean' | 'ReduceMax', masked: boolean, number[]][] = [
  ['ReduceMean', false, [3, -4, -1, 4]],
  ['ReduceMean', true, [1.5, -1.5, -1.5, 3.5]],
  ['ReduceMax', false, [6, -1, 4, 5]],
  ['ReduceMax', true, [2, -1, 4, 4]],
];
for (const [op, masked, expected] of pooled) {
  test(`${op} over ${masked ? 'the steps that count' : 'all steps'}`, async () => {
    const node: GraphNode = { ...named(1), op, ...(masked && { mask: 'x1' }) };
    assertClose((await compute([node], [steps, mask], ['y']))[0], [2, 2], expected, tolerance);
    const [kept] = await compute([{ ...node, keepAxis: true }], [steps, mask], ['y']);
    assertClose(kept, [2, 1, 2], expected, tolerance);
  });
}

test('RepeatVector puts a vector at every step; Transpose turns steps and features round', async () => {
  const repeat: GraphNode = { ...named(1), op: 'RepeatVector', count: 3 };
  const [repeated] = await compute([repeat], [tensor([2, 2], [1, 2, 3, 4])], ['y']);
  assertClose(repeated, [2, 3, 2], [1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4], 0);
  const transpose: GraphNode = { ...named(1), op: 'Transpose', permutation: [0, 2, 1] };
  const [turned] = await compute([transpose], [steps], ['y']);
  assertClose(turned, [2, 2, 3], [1, 2, 6, -1, -2, -9, 0, 4, -7, 5, 4, 3], 0);
});

/** Queries (1, 0) and (0, 2); keys (0, 0) and (ln 3, 0); values 4 and 8. */
const query = tensor([1, 2, 2], [1, 0, 0, 2]);
const value = tensor([1, 2, 1], [4, 8]);
const key = tensor([1, 2, 2], [0, 0, Math.log(3), 0]);
const attention: AttentionNode = { ...named(3), op: 'Attention', score: 'dot' };

test('Attention weighs values by a softmax over query times key', async () => {
  // Scores 0 and ln 3 give the weights 1/4 and 3/4; scores 0 and 0 a half each.
  assertClose((await compute([attention], [query, value, key], ['y']))[0], [1, 2, 1], [7, 6], tolerance);
  const scale = memoryParameter('scale', [], [2]);
  const [scaled] = await compute([{ ...attention, scale }], [query, value, key], ['y']);
  assertClose(scaled, [1, 2, 1], [0.1 * 4 + 0.9 * 8, 6], tolerance);
});

test('without a key, the values are the keys', async () => {
  const itself = tensor([1, 2, 1], [0, Math.log(3)]);
  const [y] = await compute(
    [{ ...attention, inputs: ['x0', 'x1'] }],
    [tensor([1, 1, 1], [1]), itself],
    ['y'],
  );
  assertClose(y, [1, 1, 1], [0.75 * Math.log(3)], tolerance);
});

test('masked values get no weight, masked queries put out 0', async () => {
  const inputs = [query, value, key, tensor([1, 2], [1, 0]), tensor([1, 2], [0, 1])];
  const node = { ...attention, masks: ['x3', 'x4'] };
  assertClose((await compute([node], inputs, ['y']))[0], [1, 2, 1], [8, 0], tolerance);
  // However far their scores stand out.
  const far = [query, value, tensor([1, 2, 2], [500, 500, Math.log(3), 0]), ...inputs.slice(3)];
  assertClose((await compute([node], far, ['y']))[0], [1, 2, 1], [8, 0], tolerance);
  // Where all values are masked they count alike, since all scores end at the same number.
  const none = [query, value, key, tensor([1, 2], [0, 0])];
  const all = { ...attention, masks: [undefined, 'x3'] };
  assertClose((await compute([all], none, ['y']))[0], [1, 2, 1], [6, 6], tolerance);
});

test('a query of causal attention sees no value behind its own place, be there more values or fewer', async () => {
  const zeros = (steps: number) => tensor([1, steps, 1], Array(steps).fill(0));
  const node: AttentionNode = { ...attention, causal: true };
  // All scores are 0, so that each query gets the mean of what it sees.
  const [more] = await compute([node], [zeros(2), tensor([1, 3, 1], [3, 5, 90]), zeros(3)], ['y']);
  assertClose(more, [1, 2, 1], [3, 4], tolerance);
  const [fewer] = await compute([node], [zeros(4), tensor([1, 2, 1], [3, 5]), zeros(2)], ['y']);
  assertClose(fewer, [1, 4, 1], [3, 4, 4, 4], tolerance);
});

test('where a query of causal attention sees masked values alone, all values count alike, or none', async () => {
  const zeros = tensor([1, 3, 1], [0, 0, 0]);
  const inputs = [zeros, tensor([1, 3, 1], [3, 6, 90]), zeros, tensor([1, 3], [0, 1, 1])];
  const masks = [undefined, 'x3'];
  for (const unseen of [undefined, 'mean'] as const) {
    const node: AttentionNode = { ...attention, causal: true, masks, ...(unseen && { unseen }) };
    assertClose((await compute([node], inputs, ['y']))[0], [1, 3, 1], [33, 6, 48], tolerance);
  }
  const none: AttentionNode = { ...attention, causal: true, masks, unseen: 'zero' };
  assertClose((await compute([none], inputs, ['y']))[0], [1, 3, 1], [0, 6, 48], tolerance);
});

for (const [name, far] of [
  ['values that are near', 0],
  ['values beyond the range of an exponential', 400],
] as const) {
  test(`additive attention scores by tanh of query plus key, for ${name}`, async () => {
    // Around 400 float32 is good to 3e-5.
    const within = far === 0 ? tolerance : 1e-4;
    // tanh(ln 3 / 2) = 1/2, so with the scale 2 ln 3 the scores are 0 and ln 3.
    const scale = memoryParameter('scale', [2], [2 * Math.log(3), 7]);
    const queries = tensor([1, 1, 2], [far, -far]);
    const keys = tensor([1, 2, 2], [-far, far, Math.log(3) / 2 - far, far]);
    const node: AttentionNode = { ...attention, score: 'additive', scale };
    const [y] = await compute([node], [queries, value, keys], ['y']);
    assertClose(y, [1, 1, 1], [7], within);
    const [unscaled] = await compute([{ ...attention, score: 'additive' }], [queries, value, keys], ['y']);
    const weight = 1 / (1 + Math.exp(0.5));
    assertClose(unscaled, [1, 1, 1], [weight * 4 + (1 - weight) * 8], within);
  });
}
