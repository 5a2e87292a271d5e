// The kernels that take the place of TensorFlow.js' own give what those give, and so do their gradients.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import '#gradients';
import type { Engine } from '../../../extension/engine/engine.ts';
import { backendName } from '../../../extension/engine/wasm/backend.ts';
import { wasmEngine } from '../../../extension/engine/wasm/engine.ts';
import { seeded } from '../../support/random.ts';
import { randomFloats } from './kernelTable.ts';

let engine: Engine;
before(async () => {
  engine = await wasmEngine({ threads: 1 });
});
after(() => engine.dispose());

const next = seeded(31);

/** One operation on inputs of these shapes. */
type Call = [what: string, shapes: number[][], compute: (...inputs: tf.Tensor[]) => tf.Tensor | tf.Tensor[]];

const pairs: [number[], number[]][] = [
  [
    [3, 4, 5],
    [3, 4, 5],
  ],
  [
    [3, 4, 5],
    [3, 1, 5],
  ],
  [
    [3, 4, 5],
    [3, 4, 1],
  ],
  [[3, 4, 5], [5]],
  [
    [3, 1, 5],
    [4, 1],
  ],
  [[], [2, 3]],
  [[3, 4], []],
  [
    [0, 4],
    [0, 4],
  ],
];
const arithmetic: Call[] = pairs.flatMap((shapes): Call[] => [
  [`add`, shapes, (a, b) => tf.add(a, b)],
  [`sub`, shapes, (a, b) => tf.sub(a, b)],
  [`mul`, shapes, (a, b) => tf.mul(a, b)],
  [`div`, shapes, (a, b) => tf.div(a, tf.add(tf.abs(b), 0.5))],
]);
// Their gradients in TensorFlow.js take no repeated inputs.
const choices: Call[] = [
  ['maximum', pairs[0], (a, b) => tf.maximum(a, b)],
  ['minimum', pairs[0], (a, b) => tf.minimum(a, b)],
];
const x = [3, 4, 5];
const others: Call[] = [
  ['slice of a block', [x], (a) => tf.slice(a, [1, 0, 2], [2, 3, 3])],
  ['slice of whole rows', [x], (a) => tf.slice(a, [1, 0, 0], [2, 4, 5])],
  ['slice to the end', [x], (a) => tf.slice(a, [0, 2], [-1, -1])],
  ['slice of long rows', [[3, 40]], (a) => tf.slice(a, [0, 3], [3, 30])],
  ['slice of nothing', [x], (a) => tf.slice(a, [0, 2, 0], [3, 0, 5])],
  ['split in two', [x], (a) => tf.split(a, 2, 1)],
  ['split by sizes', [x], (a) => tf.split(a, [1, 3, 1], -1)],
  ['concat', [x, [3, 4, 2], x], (...all) => tf.concat(all, 2)],
  ['tile', [x], (a) => tf.tile(a, [2, 1, 3])],
  ['broadcastTo', [[3, 1, 5]], (a) => tf.broadcastTo(a, [2, 3, 4, 5].slice(1))],
  ['transpose', [x], (a) => tf.transpose(a)],
  ['transpose by a permutation', [x], (a) => tf.transpose(a, [1, 0, 2])],
  ['sum over all', [x], (a) => tf.sum(a)],
  ['sum over the first axis', [x], (a) => tf.sum(a, 0)],
  ['sum over the axis in the middle', [x], (a) => tf.sum(a, 1, true)],
  ['sum over the outer axes', [x], (a) => tf.sum(a, [0, -1])],
  ['sum over no value', [[3, 0]], (a) => tf.sum(a, 1)],
  ['mean over the last axis', [x], (a) => tf.mean(a, -1, true)],
  ['mean over the outer axes', [x], (a) => tf.mean(a, [0, 2])],
  ['softmax', [x], (a) => tf.softmax(a)],
];

for (const [what, shapes, compute] of [...arithmetic, ...choices, ...others]) {
  test(`${what} of ${shapes.map((shape) => `[${shape}]`).join(' and ')}`, async () => {
    const values = shapes.map((shape) => randomFloats(tf.util.sizeFromShape(shape), next));
    const factors = randomFloats(1000, next);
    /** The outputs, and the gradients of a sum of them with weights. */
    const results = () =>
      tf.tidy(() => {
        const inputs = shapes.map((shape, i) => tf.tensor(values[i], shape));
        const outputs = [compute(...inputs)].flat();
        const weighted = (...all: tf.Tensor[]) =>
          tf.addN(
            [compute(...all)]
              .flat()
              .map((y) => tf.sum(tf.mul(y, tf.tensor(factors.slice(0, y.size), y.shape)))),
          ) as tf.Scalar;
        const gradients = tf.grads(weighted)(inputs);
        return [...outputs, ...gradients].map((tensor) => ({ shape: tensor.shape, data: tensor.dataSync() }));
      });
    await tf.setBackend('cpu');
    const expected = results();
    await tf.setBackend(backendName);
    const found = results();
    assert.deepEqual(
      found.map(({ shape }) => shape),
      expected.map(({ shape }) => shape),
    );
    for (const [i, { data }] of expected.entries()) {
      for (const [j, value] of data.entries()) {
        const off = Math.abs(found[i].data[j] - value);
        assert.ok(off <= 1e-6 * Math.max(1, Math.abs(value)), `result ${i}, value ${j}: off by ${off}`);
      }
    }
  });
}

test('tensors of other types stay with the kernels that know them', async () => {
  await tf.setBackend(backendName);
  tf.tidy(() => {
    const integers = tf.tensor1d([1, 2, 3], 'int32');
    const sum = tf.add(integers, integers);
    assert.deepEqual([sum.dtype, [...sum.dataSync()]], ['int32', [2, 4, 6]]);
    const truths = tf.tile(tf.tensor1d([1, 0], 'bool'), [2]);
    assert.deepEqual([truths.dtype, [...truths.dataSync()]], ['bool', [1, 0, 1, 0]]);
    assert.deepEqual([...tf.mean(tf.tensor1d([1, 2], 'int32')).dataSync()], [1.5]);
  });
});

test('a softmax of large values does not overflow', async () => {
  await tf.setBackend(backendName);
  tf.tidy(() => {
    const [a, b, c] = tf.softmax(tf.tensor1d([1000, 1000 + Math.log(3), -Infinity])).dataSync();
    assert.ok(Math.abs(a - 1 / 4) < 1e-4 && Math.abs(b - 3 / 4) < 1e-4 && c === 0);
  });
});

test('what a call makes is given back when it is disposed of', async () => {
  await tf.setBackend(backendName);
  const { numTensors, numDataBuffers } = tf.memory();
  tf.tidy(() => {
    const a = tf.tensor(randomFloats(60, next), x);
    for (const y of tf.split(tf.softmax(tf.transpose(tf.mul(a, tf.mean(a, 1, true)))), 3, 2))
      tf.tile(y, [2, 1, 1]);
  });
  assert.deepEqual([tf.memory().numTensors, tf.memory().numDataBuffers], [numTensors, numDataBuffers]);
});
