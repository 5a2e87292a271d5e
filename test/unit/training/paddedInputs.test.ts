import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Graph } from '../../../extension/model/graph.ts';
import { Random } from '../../../extension/model/random.ts';
import { paddedInputs } from '../../../extension/training/paddedInputs.ts';

const masked: Graph = {
  inputs: [
    { name: 'tokens', shape: [null, 6], dtype: 'int32', vocabulary: 9 },
    { name: 'steps', shape: [null, 6, 2], dtype: 'float32' },
    { name: 'plain', shape: [null, 6, 2], dtype: 'float32' },
  ],
  nodes: [
    {
      op: 'NotEqualMask',
      inputs: ['steps'],
      outputs: ['mask'],
      origin: 'masking',
      value: -1,
      overFeatures: true,
    },
  ],
  outputs: [{ name: 'mask' }],
};

test('every second sample ends in zeros of token ids, and in what a mask looks for, and begins with a step', () => {
  const tokens = { shape: [40, 6], data: new Int32Array(240).fill(5) };
  const steps = { shape: [40, 6, 2], data: new Float32Array(480).fill(5) };
  const [ids, sequence, plain] = paddedInputs(masked, [tokens, steps, steps], new Random(1));
  const lengths = new Set<number>();
  for (let sample = 0; sample < 40; sample++) {
    const own = [...ids.data.subarray(sample * 6, sample * 6 + 6)];
    const features = [...sequence.data.subarray(sample * 12, sample * 12 + 12)];
    assert.equal(own[0], 5);
    assert.deepEqual(features.slice(0, 2), [5, 5]);
    const isPadded = sample % 2 === 0;
    assert.equal(own[5], isPadded ? 0 : 5);
    assert.deepEqual(features.slice(10), isPadded ? [-1, -1] : [5, 5]);
    if (isPadded) lengths.add(own.indexOf(0));
  }
  assert.ok(lengths.size > 2, 'samples of several lengths');
  assert.equal(plain, steps);
  assert.ok(tokens.data.every((id) => id === 5));
});

test('a sample of token ids begins with a step even where padding was drawn for it', () => {
  const graph = (vocabulary: number, steps: number): Graph => ({
    inputs: [{ name: 'tokens', shape: [null, steps], dtype: 'int32', vocabulary }],
    nodes: [],
    outputs: [{ name: 'tokens' }],
  });
  for (const [vocabulary, steps] of [
    [9, 6],
    [2, 6],
    [9, 1],
  ]) {
    const drawn = { shape: [40, steps], data: new Int32Array(40 * steps) };
    const [{ data }] = paddedInputs(graph(vocabulary, steps), [drawn], new Random(1));
    const first = new Set(Array.from({ length: 40 }, (_, sample) => data[sample * steps]));
    assert.deepEqual(
      [...first].sort(),
      Array.from({ length: vocabulary - 1 }, (_, id) => id + 1),
    );
  }
  const alone = { shape: [2, 3], data: new Int32Array(6) };
  assert.deepEqual(paddedInputs(graph(1, 3), [alone], new Random(1)), [alone]);
});

test('a sample begins with another id than the one that its mask looks for, in the vocabulary', () => {
  const graph: Graph = {
    inputs: [{ name: 'tokens', shape: [null, 3], dtype: 'int32', vocabulary: 4 }],
    nodes: [
      {
        op: 'NotEqualMask',
        inputs: ['tokens'],
        outputs: ['mask'],
        origin: 'masking',
        value: 2,
        overFeatures: false,
      },
    ],
    outputs: [{ name: 'mask' }],
  };
  const drawn = { shape: [40, 3], data: new Int32Array(120).fill(2) };
  const [{ data }] = paddedInputs(graph, [drawn], new Random(1));
  const first = new Set(Array.from({ length: 40 }, (_, sample) => data[sample * 3]));
  assert.deepEqual([...first].sort(), [0, 1, 3]);
});

test('lengths are of a step at least, and of no more than there are', () => {
  const graph: Graph = {
    inputs: [
      { name: 'x', shape: [null, 3, 2], dtype: 'float32' },
      { name: 'lengths', shape: [null], dtype: 'int32' },
    ],
    nodes: [{ op: 'LengthMask', inputs: ['lengths', 'x'], outputs: ['mask'], origin: 'lengths' }],
    outputs: [{ name: 'mask' }],
  };
  const x = { shape: [40, 3, 2], data: new Float32Array(240).fill(5) };
  const [steps, lengths] = paddedInputs(graph, [x, { shape: [40], data: new Int32Array(40) }], new Random(1));
  assert.equal(steps, x);
  assert.deepEqual([...new Set(lengths.data)].sort(), [1, 2, 3]);
});
