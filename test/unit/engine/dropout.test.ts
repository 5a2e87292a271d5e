import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { attentionOperator } from '../../../extension/engine/ops/attention.ts';
import { dropoutOperator } from '../../../extension/engine/ops/dropout.ts';

const [batch, steps, width] = [3, 5, 40];

/** What is left of ones [B,T,C]. */
function dropped(rate: number, sharedAxes: readonly number[] | undefined, dropoutSeed: number | undefined) {
  const operator = dropoutOperator({
    ...{ op: 'Dropout', inputs: ['x'], outputs: ['y'], origin: 'drop', rate },
    ...(sharedAxes && { sharedAxes }),
  });
  const run = { training: true, dropoutSeed, wants: () => true };
  const [y] = operator.forward(() => tf.ones([batch, steps, width]), [], run);
  const values = [...(y as tf.Tensor).dataSync()];
  return (b: number, t: number, c: number) => values[(b * steps + t) * width + c];
}

const everywhere = function* () {
  for (let b = 0; b < batch; b++)
    for (let t = 0; t < steps; t++) for (let c = 0; c < width; c++) yield [b, t, c] as const;
};

test('a share is dropped and the rest made larger, anew at every value', () => {
  const y = dropped(0.25, undefined, 3);
  const values = [...everywhere()].map((at) => y(...at));
  assert.deepEqual([...new Set(values)].sort(), [0, Math.fround(1 / 0.75)]);
  const share = values.filter((value) => value === 0).length / values.length;
  assert.ok(Math.abs(share - 0.25) < 0.06, `${share}`);
  assert.ok([...everywhere()].some(([b, t, c]) => y(b, t, c) !== y(b, 0, c)));
});

test('along a shared axis all values stay or go together, and samples differ', () => {
  const y = dropped(0.5, [1], 3);
  for (const [b, t, c] of everywhere()) assert.equal(y(b, t, c), y(b, 0, c));
  assert.ok([...everywhere()].some(([b, t, c]) => y(b, t, c) !== y(0, t, c)));
  assert.ok([...everywhere()].some(([b, t, c]) => y(b, t, c) !== y(b, t, 0)));
});

test('without a seed nothing is dropped', () => {
  const y = dropped(0.9, [1], undefined);
  for (const at of everywhere()) assert.equal(y(...at), 1);
});

test('attention drops weights, and makes the rest larger', () => {
  const operator = attentionOperator({
    ...{ op: 'Attention', score: 'dot', dropout: 0.25 },
    ...{ inputs: ['x', 'x'], outputs: ['y'], origin: 'attention' },
  });
  /** Over values of 1 the outputs are the sums of the weights, which are all 1 / steps. */
  const sums = (dropoutSeed: number | undefined) => {
    const run = { training: true, dropoutSeed, wants: () => true };
    const [y] = operator.forward(() => tf.ones([200, steps, 1]), [], run);
    return [...(y as tf.Tensor).dataSync()];
  };
  for (const sum of sums(undefined)) assert.ok(Math.abs(sum - 1) < 1e-6);
  const kept = sums(3).map((sum) => sum * 0.75 * steps);
  for (const count of kept) assert.ok(Math.abs(count - Math.round(count)) < 1e-5, `${count} weights`);
  const share = kept.reduce((all, count) => all + count, 0) / (kept.length * steps);
  assert.ok(Math.abs(share - 0.75) < 0.03, `${share}`);
});
