import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Activation, GraphNode, RecurrentNode } from '../../../extension/model/graph.ts';
import { memoryLayer } from '../../support/memoryModel.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { assertClose, compute, tensor } from './compute.ts';
import { type CellOptions, plainRecurrent } from './reference.ts';
import { shareThreads } from './shareThreads.ts';

shareThreads();

const sigmoid: Activation = { op: 'Sigmoid' };
const tanh: Activation = { op: 'Tanh' };
const plainSigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const tolerance = 1e-6;

type Kind = 'LSTM' | 'GRU' | 'GRU with the reset after the product' | 'RNN';
const kinds: Kind[] = ['LSTM', 'GRU', 'GRU with the reset after the product', 'RNN'];

function layerOf(kind: Kind, inputSize: number, hiddenSize: number, next: () => number) {
  const cell = kind === 'LSTM' || kind === 'RNN' ? kind : 'GRU';
  const linearBeforeReset = kind === 'GRU with the reset after the product';
  const layer = memoryLayer({ cell, inputSize, hiddenSize, biases: linearBeforeReset ? 2 : 1 }, next);
  const node: RecurrentNode = {
    op: cell,
    layer,
    inputs: ['x0'],
    outputs: ['sequence', 'last'],
    origin: 'layer',
    gateActivation: sigmoid,
    activation: tanh,
    ...(linearBeforeReset && { linearBeforeReset }),
  };
  const options: CellOptions = { gate: plainSigmoid, act: Math.tanh, linearBeforeReset };
  return { layer, node, options };
}

/** [B][T][I] of a flat list. */
function nested(values: Float32Array, batch: number, steps: number, width: number): number[][][] {
  return Array.from({ length: batch }, (_, b) =>
    Array.from({ length: steps }, (_, t) => [
      ...values.subarray((b * steps + t) * width, (b * steps + t + 1) * width),
    ]),
  );
}

/** B, T, I, H */
const sizes: [number, number, number, number][] = [
  [1, 1, 1, 1],
  [3, 7, 5, 3],
  [2, 9, 1, 7],
  [5, 1, 3, 2],
  [1, 11, 4, 5],
];

for (const kind of kinds) {
  for (const [batch, steps, width, hidden] of sizes) {
    test(`${kind}: B ${batch}, T ${steps}, I ${width}, H ${hidden} as a plain loop computes it`, async () => {
      const next = seeded(batch * 1000 + steps * 100 + width * 10 + hidden);
      const { layer, node, options } = layerOf(kind, width, hidden, next);
      const x = randomFloats(batch * steps * width, next);
      const expected = plainRecurrent(layer, nested(x, batch, steps, width), options);
      const [sequence, last] = await compute(
        [node],
        [tensor([batch, steps, width], x)],
        ['sequence', 'last'],
      );
      assertClose(sequence, [batch, steps, hidden], expected.sequence.flat(2), tolerance);
      assertClose(last, [batch, hidden], expected.last.flat(), tolerance);
    });
  }

  test(`${kind}: no steps put out an empty sequence and the zero state`, async () => {
    const { node } = layerOf(kind, 3, 2, seeded(1));
    const [sequence, last] = await compute([node], [tensor([2, 0, 3], [])], ['sequence', 'last']);
    assertClose(sequence, [2, 0, 2], [], 0);
    assertClose(last, [2, 2], [0, 0, 0, 0], 0);
  });

  for (const zeroMaskedOutput of [false, true]) {
    const what = zeroMaskedOutput ? 'put out zeros' : 'repeat the last output';
    test(`${kind}: masked steps hold the state and ${what}`, async () => {
      const next = seeded(9);
      const [batch, steps, width, hidden] = [3, 6, 2, 3];
      const { layer, node, options } = layerOf(kind, width, hidden, next);
      // Masked at the start, in the middle, at the end, and throughout.
      const mask = [
        [0, 1, 1, 0, 1, 0],
        [1, 1, 1, 1, 0, 0],
        [0, 0, 0, 0, 0, 0],
      ];
      const x = randomFloats(batch * steps * width, next);
      const expected = plainRecurrent(layer, nested(x, batch, steps, width), {
        ...options,
        mask,
        zeroMaskedOutput,
      });
      const [sequence, last] = await compute(
        [{ ...node, mask: 'x1', zeroMaskedOutput }],
        [tensor([batch, steps, width], x), tensor([batch, steps], mask.flat())],
        ['sequence', 'last'],
      );
      assertClose(sequence, [batch, steps, hidden], expected.sequence.flat(2), tolerance);
      assertClose(last, [batch, hidden], expected.last.flat(), tolerance);
    });
  }

  test(`${kind}: backwards is forwards over the reversed steps`, async () => {
    const next = seeded(10);
    const [batch, steps, width, hidden] = [2, 5, 3, 2];
    const { layer, node, options } = layerOf(kind, width, hidden, next);
    const x = randomFloats(batch * steps * width, next);
    const reversed = nested(x, batch, steps, width).map((sample) => sample.toReversed());
    const reverse: GraphNode = { op: 'Reverse', inputs: ['x0'], outputs: ['r'], origin: 'layer' };
    const [sequence] = await compute(
      [reverse, { ...node, inputs: ['r'] }],
      [tensor([batch, steps, width], x)],
      ['sequence'],
    );
    const expected = plainRecurrent(layer, reversed, options).sequence.flat(2);
    assertClose(sequence, [batch, steps, hidden], expected, tolerance);
  });

  test(`${kind}: other activations are used where they belong`, async () => {
    const next = seeded(11);
    const { layer, node, options } = layerOf(kind, 3, 4, next);
    const x = randomFloats(2 * 4 * 3, next);
    const hard = (value: number) => Math.min(1, Math.max(0, 0.2 * value + 0.5));
    const expected = plainRecurrent(layer, nested(x, 2, 4, 3), {
      ...options,
      gate: hard,
      act: (value) => Math.max(0, value),
    });
    const [sequence] = await compute(
      [{ ...node, gateActivation: { op: 'HardSigmoid', alpha: 0.2, beta: 0.5 }, activation: { op: 'Relu' } }],
      [tensor([2, 4, 3], x)],
      ['sequence'],
    );
    assertClose(sequence, [2, 4, 4], expected.sequence.flat(2), tolerance);
  });

  test(`${kind}: masked weights are read as zeros`, async () => {
    const next = seeded(12);
    const { layer, node, options } = layerOf(kind, 3, 4, next);
    for (const parameter of [layer.kernel, layer.recurrent]) {
      parameter.mask = Uint8Array.from(parameter.values, () => (next() < 0.5 ? 0 : 1));
    }
    const x = randomFloats(2 * 4 * 3, next);
    const input = [tensor([2, 4, 3], x)];
    const [sequence] = await compute([node], input, ['sequence']);
    for (const { mask, values } of [layer.kernel, layer.recurrent]) {
      for (let i = 0; i < values.length; i++) if (mask?.[i] === 0) values[i] = 0;
    }
    const expected = plainRecurrent(layer, nested(x, 2, 4, 3), options).sequence.flat(2);
    assertClose(sequence, [2, 4, 4], expected, tolerance);
  });

  test(`${kind}: what stands at masked steps is of no account, not even NaN`, async () => {
    const { node } = layerOf(kind, 2, 3, seeded(13));
    const masked = { ...node, mask: 'x1' };
    const mask = tensor([1, 3], [1, 0, 1]);
    const run = (middle: number[]) =>
      compute([masked], [tensor([1, 3, 2], [0.1, 0.2, ...middle, 0.3, 0.4]), mask], ['sequence']);
    const [plain] = await run([0, 0]);
    const [odd] = await run([Number.NaN, 1e30]);
    assert.deepEqual(odd.data, plain.data);
  });
}

test('a layer without bias computes as one whose biases are 0', async () => {
  const next = seeded(14);
  const layer = memoryLayer({ inputSize: 2, hiddenSize: 3, biases: 0 }, next);
  const { node, options } = layerOf('LSTM', 2, 3, next);
  const x = randomFloats(2 * 3 * 2, next);
  const [sequence] = await compute([{ ...node, layer }], [tensor([2, 3, 2], x)], ['sequence']);
  const expected = plainRecurrent(layer, nested(x, 2, 3, 2), options).sequence.flat(2);
  assertClose(sequence, [2, 3, 3], expected, tolerance);
});
