import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import '#gradients';
import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from '../../../extension/engine/engine.ts';
import { matMul } from '../../../extension/engine/reference/matMul.ts';
import { backendName, sharedBackend } from '../../../extension/engine/wasm/backend.ts';
import { wasmEngine } from '../../../extension/engine/wasm/engine.ts';
import { runtime } from '../../../extension/engine/wasm/runtime.ts';
import { seeded } from '../../support/random.ts';
import { randomFloats } from './kernelTable.ts';

describe('the backend over the kernels’ memory', () => {
  let engine: Engine;
  before(async () => {
    engine = await wasmEngine({ threads: 2 });
    await tf.setBackend(backendName);
  });
  after(() => engine.dispose());

  const next = seeded(29);
  const both = [false, true];

  for (const [batches, m, n, k] of [
    [1, 3, 5, 7],
    [3, 13, 9, 4],
    [2, 1, 1, 33],
    [2, 0, 3, 2],
    [2, 2, 3, 0],
  ]) {
    for (const [transposeA, transposeB] of both.flatMap((a) => both.map((b) => [a, b]))) {
      for (const shared of both) {
        const what = `${batches} of ${m} × ${k} times ${shared ? 'one' : 'as many'} of ${k} × ${n}`;
        test(`matMul of ${what}, transposed ${transposeA}, ${transposeB}`, () => {
          const a = randomFloats(batches * m * k, next);
          const b = randomFloats((shared ? 1 : batches) * k * n, next);
          const shapeA: [number, number, number] = transposeA ? [batches, k, m] : [batches, m, k];
          const rowsB: [number, number] = transposeB ? [n, k] : [k, n];
          const expected: number[] = [];
          for (let i = 0; i < batches; i++) {
            const left = a.subarray(i * m * k, (i + 1) * m * k);
            const right = shared ? b : b.subarray(i * k * n, (i + 1) * k * n);
            expected.push(...matMul({ m, n, k }, left, transposeA, right, transposeB));
          }
          const c = tf.tidy(() => {
            const right = tf.tensor3d(b, [shared ? 1 : batches, ...rowsB]);
            const product = tf.matMul(tf.tensor3d(a, shapeA), right, transposeA, transposeB);
            assert.deepEqual(product.shape, [batches, m, n]);
            return product.dataSync();
          });
          for (const [i, value] of expected.entries()) assert.ok(Math.abs(c[i] - value) < 1e-5);
        });
      }
    }
  }

  test('a gradient through all transpositions is that of the plain backend', async () => {
    const a = randomFloats(15, next);
    const b = randomFloats(35, next);
    const gradients = () =>
      tf.tidy(() => {
        const product = (x: tf.Tensor, y: tf.Tensor) =>
          tf.sum(
            tf.tanh(
              tf.matMul(
                tf.matMul(x as tf.Tensor2D, y as tf.Tensor2D, true, true),
                x as tf.Tensor2D,
                true,
                true,
              ),
            ),
          );
        const grads = tf.grads(product)([tf.tensor2d(a, [5, 3]), tf.tensor2d(b, [7, 5])]);
        return grads.map((gradient) => gradient.dataSync());
      });
    const found = gradients();
    await tf.setBackend('cpu');
    const expected = gradients();
    await tf.setBackend(backendName);
    for (const [g, gradient] of expected.entries()) {
      for (const [i, value] of gradient.entries()) assert.ok(Math.abs(found[g][i] - value) < 1e-4);
    }
  });

  test('tensors of every type move to the memory as they are, and their values are copied out', () => {
    const tensors = [
      tf.tensor1d([1.5, -2, 0]),
      tf.tensor1d([1, -2, 3], 'int32'),
      tf.tensor1d([true, false, true], 'bool'),
    ];
    for (const tensor of tensors) {
      const values = [...tensor.dataSync()];
      const pointer = sharedBackend().place(tensor);
      assert.equal(sharedBackend().place(tensor), pointer);
      const read = tensor.dataSync();
      assert.deepEqual([...read], values);
      assert.ok(!(read.buffer instanceof SharedArrayBuffer));
      tensor.dispose();
      assert.deepEqual([...read], values);
    }
  });

  test('views of one tensor share its block, which is freed with the last of them', () => {
    const { memory } = runtime();
    const blocks = memory.liveBlocks;
    const tensor = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    const flat = tf.reshape(tensor, [4]);
    assert.equal(sharedBackend().place(tensor), sharedBackend().place(flat));
    tensor.dispose();
    assert.equal(memory.liveBlocks, blocks + 1);
    assert.deepEqual([...flat.dataSync()], [1, 2, 3, 4]);
    flat.dispose();
    assert.equal(memory.liveBlocks, blocks);
  });

  test('a part of a tensor keeps its values when the tensor is gone and its memory is used anew', () => {
    const { memory } = runtime();
    const tensor = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    sharedBackend().place(tensor);
    const parts = [tf.slice(tensor, [1, 0], [1, 2]), ...tf.split(tensor, 3), ...tf.unstack(tensor)];
    const values = () => parts.map((part) => [...part.dataSync()]);
    const before = values();
    assert.deepEqual(before[0], [3, 4]);
    tensor.dispose();
    const pointer = memory.allocate(24);
    memory.floats(pointer, 6).fill(-1);
    assert.deepEqual(values(), before);
    memory.free(pointer);
    tf.dispose(parts);
  });

  test('one set of values lies in the memory once for each type that it is taken as', () => {
    const { memory } = runtime();
    const blocks = memory.liveBlocks;
    const ids = tf.tensor1d([7, 0, -3], 'int32');
    const floats = tf.cast(ids, 'float32');
    for (const order of [
      [ids, floats],
      [floats, ids],
    ]) {
      const places = order.map((tensor) => sharedBackend().place(tensor));
      assert.notEqual(places[0], places[1]);
      assert.deepEqual([...memory.integers(places[order.indexOf(ids)], 3)], [7, 0, -3]);
      assert.deepEqual([...memory.floats(places[order.indexOf(floats)], 3)], [7, 0, -3]);
    }
    tf.dispose([ids, floats]);
    assert.equal(memory.liveBlocks, blocks);
  });

  test('a hundred products and their gradients leave neither a tensor nor a byte behind', () => {
    const { memory } = runtime();
    const x = tf.tensor2d(randomFloats(20, next), [4, 5]);
    const w = tf.tensor2d(randomFloats(15, next), [5, 3]);
    const step = () =>
      tf.dispose(tf.grads((a, b) => tf.sum(tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D)))([x, w]));
    step();
    const [tensors, bytes] = [tf.memory().numTensors, memory.liveBytes];
    for (let i = 0; i < 100; i++) step();
    assert.deepEqual([tf.memory().numTensors, memory.liveBytes], [tensors, bytes]);
    tf.dispose([x, w]);
    assert.equal(memory.liveBytes, 0);
  });
});
