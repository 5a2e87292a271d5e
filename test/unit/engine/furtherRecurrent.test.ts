// What recurrent layers of ONNX, PyTorch and TensorFlow Lite have beside the plain cells.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecurrentNode } from '../../../extension/model/graph.ts';
import type { Cell } from '../../../extension/protocol/report.ts';
import { type LayerOptions, memoryLayer } from '../../support/memoryModel.ts';
import { randomFloats, seeded } from '../../support/random.ts';
import { assertClose, compute, tensor } from './compute.ts';
import { type CellOptions, plainRecurrent } from './reference.ts';
import { shareThreads } from './shareThreads.ts';

shareThreads();

const tolerance = 1e-6;
const [batch, steps, inputSize, hiddenSize] = [3, 5, 4, 3];
const outputs = ['sequence', 'last', 'h', 'c', 'hidden'];
const plain = { gate: (x: number) => 1 / (1 + Math.exp(-x)), act: Math.tanh };
/** Last, in the middle and first steps masked, and all of them. */
const mask = [
  [1, 1, 1, 0, 0],
  [0, 1, 0, 1, 1],
  [0, 0, 0, 0, 0],
];

interface Variant {
  readonly cell?: Cell;
  readonly layer?: Partial<LayerOptions>;
  readonly node?: Partial<RecurrentNode>;
  readonly options?: Partial<CellOptions>;
}

const variants: Record<string, Variant> = {
  'an LSTM with peepholes': { layer: { peepholes: true } },
  'an LSTM with a projection': { layer: { projection: 2 } },
  'an LSTM with a projection that is wider than its units': { layer: { projection: 5 } },
  'an LSTM with a projection, its bias and clips of both': {
    layer: { projection: 2, projectionBias: true },
    node: { cellClip: 0.2, projectionClip: 0.3 },
    options: { cellClip: 0.2, projectionClip: 0.3 },
  },
  'an LSTM with an activation of the cell state alone': {
    node: { outputActivation: { op: 'Relu' } },
    options: { outputAct: (x) => Math.max(0, x) },
  },
  'an LSTM whose forget gate is coupled to the input gate': {
    layer: { peepholes: true },
    node: { inputForget: true },
    options: { inputForget: true },
  },
  'an LSTM without an input gate': { layer: { coupled: true, peepholes: true } },
  'an LSTM whose gates are normalised': { layer: { normalized: true } },
  'an LSTM whose gates are normalised with their peepholes, without an input gate': {
    layer: { normalized: true, peepholes: true, coupled: true, projection: 2 },
  },
  'an LSTM of diagonal recurrent matrices': { layer: { diagonal: true } },
  'an LSTM with all of it': {
    layer: { normalized: true, peepholes: true, projection: 2, projectionBias: true, biases: 2 },
    node: { clip: 0.4, cellClip: 0.5, projectionClip: 0.6, outputActivation: { op: 'Relu' } },
    options: { clip: 0.4, cellClip: 0.5, projectionClip: 0.6, outputAct: (x) => Math.max(0, x) },
  },
  'an LSTM whose sums are clipped': { node: { clip: 0.3 }, options: { clip: 0.3 } },
  'a GRU whose sums are clipped': { cell: 'GRU', node: { clip: 0.3 }, options: { clip: 0.3 } },
  'a GRU with the reset after the product whose sums are clipped': {
    cell: 'GRU',
    layer: { biases: 2 },
    node: { clip: 0.3, linearBeforeReset: true },
    options: { clip: 0.3, linearBeforeReset: true },
  },
  'an RNN whose sums are clipped': { cell: 'RNN', node: { clip: 0.3 }, options: { clip: 0.3 } },
};

function built({ cell = 'LSTM', layer: of, node: over, options }: Variant) {
  const next = seeded(21);
  const layer = memoryLayer({ cell, inputSize, hiddenSize, ...of }, next);
  const node: RecurrentNode = {
    op: cell,
    layer,
    inputs: ['x0'],
    outputs: outputs.slice(0, cell !== 'LSTM' ? 3 : layer.projection ? 5 : 4),
    origin: 'layer',
    gateActivation: { op: 'Sigmoid' },
    activation: { op: 'Tanh' },
    ...over,
  };
  const x = randomFloats(batch * steps * inputSize, next).map((value) => 3 * value);
  const samples = Array.from({ length: batch }, (_, b) =>
    Array.from({ length: steps }, (_, t) => {
      const at = (b * steps + t) * inputSize;
      return [...x.subarray(at, at + inputSize)];
    }),
  );
  return {
    layer,
    node,
    samples,
    input: tensor([batch, steps, inputSize], x),
    options: { ...plain, ...options },
  };
}

for (const [name, variant] of Object.entries(variants)) {
  test(`${name} computes what a plain loop does`, async () => {
    const { layer, node, samples, input, options } = built(variant);
    const expected = plainRecurrent(layer, samples, options);
    const found = await compute([node], [input], node.outputs);
    const width = layer.projection?.rows ?? hiddenSize;
    assertClose(found[0], [batch, steps, width], expected.sequence.flat(2), tolerance);
    for (const last of found.slice(1, 3)) assertClose(last, [batch, width], expected.last.flat(), tolerance);
    if (node.op === 'LSTM') assertClose(found[3], [batch, hiddenSize], expected.cell.flat(), tolerance);
  });

  test(`${name} holds its states at masked steps, in either direction`, async () => {
    const { layer, node, samples, input, options } = built(variant);
    const masks = tensor([batch, steps], mask.flat());
    for (const reverse of [false, true]) {
      const turn = <T>(all: readonly T[]) => (reverse ? all.toReversed() : [...all]);
      const expected = plainRecurrent(layer, samples.map(turn), { ...options, mask: mask.map(turn) });
      const masked = { ...node, mask: 'x1', reverse };
      const found = await compute([masked], [input, masks], node.outputs);
      const width = layer.projection?.rows ?? hiddenSize;
      const sequence = expected.sequence.map(turn);
      assertClose(found[0], [batch, steps, width], sequence.flat(2), tolerance);
      assertClose(found[1], [batch, width], expected.last.flat(), tolerance);
      if (node.op === 'LSTM') assertClose(found[3], [batch, hiddenSize], expected.cell.flat(), tolerance);
    }
  });
}

test('a second sequence counts as further inputs, behind initial states', async () => {
  const next = seeded(8);
  for (const cell of ['LSTM', 'GRU', 'RNN'] as const) {
    const layer = memoryLayer({ cell, inputSize, hiddenSize, auxiliary: 2 }, next);
    const [kernel, second] = [layer.kernel.values, layer.further[0].values];
    const whole = memoryLayer({ cell, inputSize: inputSize + 2, hiddenSize }, next);
    whole.kernel.values.set([...kernel, ...second]);
    whole.recurrent.values.set(layer.recurrent.values);
    whole.bias?.values.set(layer.bias?.values ?? []);
    const states = (cell === 'LSTM' ? [1, 2] : [1]).map((seed) =>
      tensor([batch, hiddenSize], randomFloats(batch * hiddenSize, seeded(seed))),
    );
    const [x, other] = [inputSize, 2].map((width) =>
      tensor([batch, steps, width], randomFloats(batch * steps * width, next)),
    );
    const base = { op: cell, outputs: ['sequence'], origin: 'layer', activation: { op: 'Tanh' } } as const;
    const node = { ...base, gateActivation: { op: 'Sigmoid' } } as const;
    const named = states.map((_, i) => `x${i + 1}`);
    const last = `x${states.length + 1}`;
    const apart: RecurrentNode = { ...node, layer, inputs: ['x0', ...named, last] };
    const [found] = await compute([apart], [x, ...states, other], ['sequence']);
    const [expected] = await compute(
      [
        { op: 'Concat', axis: -1, inputs: ['x0', last], outputs: ['both'], origin: 'both' },
        { ...node, layer: whole, inputs: ['both', ...named] },
      ],
      [x, ...states, other],
      ['sequence'],
    );
    assertClose(found, [batch, steps, hiddenSize], [...expected.data], tolerance);
  }
});

test('a projection is of what the node puts out last: the outputs of the hidden units', async () => {
  const { layer, node, input } = built({ layer: { projection: 2 } });
  const [sequence, hidden] = await compute([node], [input], ['sequence', 'hidden']);
  assert.deepEqual(hidden.shape, [batch, steps, hiddenSize]);
  const [weights] = layer.further;
  const expected = Array.from({ length: batch * steps * 2 }, (_, i) => {
    const row: readonly number[] = [...hidden.data].slice(
      Math.floor(i / 2) * hiddenSize,
      (Math.floor(i / 2) + 1) * hiddenSize,
    );
    return row.reduce((sum, value, u) => sum + value * weights.values[(i % 2) * hiddenSize + u], 0);
  });
  assertClose(sequence, [batch, steps, 2], expected, tolerance);
});

test('initial states of a projected layer are [B,P] and [B,H]', async () => {
  const { node, input } = built({ layer: { projection: 2, peepholes: true } });
  const states = [
    tensor([batch, 2], randomFloats(6, seeded(3))),
    tensor([batch, 3], randomFloats(9, seeded(4))),
  ];
  const given = { ...node, inputs: ['x0', 'x1', 'x2'] };
  // Two halves, the second from the states of the first, are the whole.
  const [whole] = await compute([given], [input, ...states], ['sequence']);
  const cut = (from: number, to: number) =>
    tensor(
      [batch, to - from, inputSize],
      Array.from({ length: batch }, (_, b) => [
        ...input.data.subarray((b * steps + from) * inputSize, (b * steps + to) * inputSize),
      ]).flat(),
    );
  const [, h, c] = await compute([given], [cut(0, 2), ...states], ['sequence', 'h', 'c']);
  const [second] = await compute([given], [cut(2, 5), h, c], ['sequence']);
  const expected = Array.from({ length: batch }, (_, b) => [
    ...whole.data.subarray((b * steps + 2) * 2, (b + 1) * steps * 2),
  ]);
  assertClose(second, [batch, 3, 2], expected.flat(), tolerance);
});
