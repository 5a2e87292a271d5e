import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  divergedError,
  ExplosionWatch,
  lossOfGuessing,
  rowsOf,
} from '../../../extension/training/exploding.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { tensor } from './losses.ts';

test('guessing costs ln C, ln 2, or the distance from the mean of the targets', () => {
  const targets = tensor([4], [0, 1, 2, 2]);
  const base = { head: 'softmax', width: 3, fromLogits: true } as const;
  assert.equal(lossOfGuessing({ ...base, name: 'sparse_categorical_crossentropy' }, targets), Math.log(3));
  assert.equal(
    lossOfGuessing({ name: 'binary_crossentropy', head: 'sigmoid', width: 1, fromLogits: true }, targets),
    Math.LN2,
  );
  const regression = { name: 'mean_squared_error', head: 'linear', width: 2, fromLogits: false } as const;
  // Each output about its own mean: variances 1 and 4.
  assert.equal(lossOfGuessing(regression, tensor([2, 2], [9, 98, 11, 102])), 2.5);
});

test('what stands under a mask, whatever it is, is not guessed', () => {
  const one = { name: 'mean_squared_error', head: 'linear', width: 1, fromLogits: false } as const;
  const { NaN: nothing, POSITIVE_INFINITY: endless } = Number;
  assert.equal(lossOfGuessing(one, tensor([1, 3, 1], [1, nothing, 2])), 0.25);
  assert.equal(lossOfGuessing(one, tensor([3, 1], [-endless, 1, 3])), 1);
  assert.equal(lossOfGuessing(one, tensor([2, 1], [nothing, nothing])), 0);
  // A row counts whole or not at all.
  assert.equal(
    lossOfGuessing({ ...one, width: 2 }, tensor([3, 2], [9, 98, 11, 102, 1000, nothing])),
    (1 + 4) / 2,
  );
});

test('rows are as many as the loss is taken of', () => {
  const base = { head: 'softmax', width: 3, fromLogits: true } as const;
  const indices = tensor([2, 4], [0, 1, 2, 0, 1, 2, 0, 1]);
  assert.equal(rowsOf({ ...base, name: 'sparse_categorical_crossentropy' }, indices), 8);
  assert.equal(rowsOf({ ...base, name: 'categorical_crossentropy' }, tensor([2, 3], [0, 0, 1, 1, 0, 0])), 2);
});

test('an epoch is given up as soon as its mean is sure to be ten times the first loss, or guessing', async () => {
  // Ten steps of one row each, the first loss 2.
  const stepsUntil = async (guessing: number, losses: readonly number[]) => {
    const watch = new ExplosionWatch(guessing, 0.1);
    let sum = 0;
    for (const [i, loss] of losses.entries()) {
      watch.step(1, loss);
      sum += loss;
      try {
        watch.mean(1, sum, i + 1, 10);
      } catch {
        return i + 1;
      }
    }
    return undefined;
  };
  const rough = [2, 150, 20, 3, 2, 2, 1, 1, 1, 1];
  assert.equal(await stepsUntil(0, rough), undefined);
  assert.equal(await stepsUntil(0, [2, 1e9]), 2);
  assert.equal(await stepsUntil(0, [2, ...Array(9).fill(50)]), 5);
  assert.equal(await stepsUntil(4, [2, ...Array(9).fill(50)]), 9);
  // Where rows are masked, there are fewer in the end than there might have been.
  const watch = new ExplosionWatch(0, 0.1, 2);
  watch.mean(3, 150, 5, 10);
  await assertRefuses(() => watch.mean(3, 150, 5, 5), 'trainingDiverged', 'epoch 3', '30', '0.01');
});

test('a loss that is no number ends the training at once', async () => {
  const watch = new ExplosionWatch(1, 0.1);
  await assertRefuses(() => watch.step(1, Number.NaN), 'trainingDiverged', 'NaN');
  await assertRefuses(() => watch.validation(1, Number.POSITIVE_INFINITY), 'trainingDiverged', 'Infinity');
});

test('what happened is said with the numbers, and a tenth of the learning rate to try', () => {
  const { code, args } = divergedError(3, Number.POSITIVE_INFINITY, 0.123456, 0.02).info;
  assert.equal(code, 'trainingDiverged');
  assert.deepEqual(args, { epoch: 3, loss: 'Infinity', first: '0.1235', rate: '0.002' });
});
