import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ExplosionWatch,
  type LossScale,
  lossOfGuessing,
  rowsOf,
} from '../../../extension/training/exploding.ts';
import { remedyFor } from '../../../extension/training/remedy.ts';
import { assertRefuses, messageFrom } from '../../support/throwsCode.ts';
import { tensor } from './losses.ts';

test('guessing costs ln C, ln 2, or the distance from the mean of the targets', () => {
  const targets = tensor([4], [0, 1, 2, 2]);
  const base = { head: 'softmax', width: 3, fromLogits: true } as const;
  assert.equal(lossOfGuessing({ ...base, name: 'sparse_categorical_crossentropy' }, targets), Math.log(3));
  const labels = tensor([2, 3], [1, 2, 0, 1, 0, 0]);
  assert.equal(lossOfGuessing({ ...base, name: 'ctc' }, labels), 1.5 * Math.log(3));
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
  const labels = tensor([2, 3], [1, 2, 0, 1, 0, 0]);
  assert.equal(rowsOf({ ...base, name: 'ctc' }, labels), 2);
  assert.equal(rowsOf({ ...base, name: 'categorical_crossentropy' }, tensor([2, 3], [0, 0, 1, 1, 0, 0])), 2);
});

const rate = { learningRate: 0.1, usualRate: 0.001 };
const nothing = { guessing: 0, dense: undefined, pruned: 0 };

/** After how many of an epoch's ten steps, of one row each, it is given up; undefined: it ends. */
function stepsUntil(scale: LossScale, losses: readonly number[]): number | undefined {
  const watch = new ExplosionWatch(scale, rate);
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
}

test('an epoch is given up as soon as its mean is sure to be ten times guessing, or the unpruned model', () => {
  const scale = { ...nothing, guessing: 2 };
  const rough = [2, 150, 20, 3, 2, 2, 1, 1, 1, 1];
  const steady = [2, ...Array(9).fill(50)];
  assert.equal(stepsUntil(scale, rough), undefined);
  assert.equal(stepsUntil(scale, [2, 1e9]), 2);
  assert.equal(stepsUntil(scale, steady), 5);
  assert.equal(stepsUntil({ ...scale, dense: 4 }, steady), 9);
  assert.equal(stepsUntil({ ...scale, dense: 1 }, steady), 5);
});

test('how badly pruning hurt does not widen the bound, as long as there is room above where it began', async () => {
  const watch = new ExplosionWatch({ guessing: 2, dense: 0.4, pruned: 4 }, rate, 4);
  watch.mean(1, 19.9, 1, 1);
  watch.validation(1, 19.9);
  await assertRefuses(() => watch.mean(2, 20.1, 1, 1), 'trainingDiverged');
  await assertRefuses(() => watch.validation(2, 20.1), 'trainingDiverged');
});

test('a model that pruning took beyond the bound gets the time to come down, and is given up at twice where it began', async () => {
  // The first batch may be lighter than the validation part, or the other way round.
  for (const [pruned, first] of [
    [50, 1],
    [1, 50],
  ]) {
    const watch = new ExplosionWatch({ guessing: 2, dense: 0.4, pruned }, rate);
    watch.step(1, first);
    for (const loss of [90, 60, 30]) {
      watch.mean(1, loss, 1, 1);
      watch.validation(1, loss);
    }
    await assertRefuses(() => watch.mean(2, 101, 1, 1), 'trainingDiverged');
    await assertRefuses(() => watch.validation(2, 101), 'trainingDiverged');
  }
});

test('losses that are no numbers give no bound', async () => {
  const { NaN: noNumber, POSITIVE_INFINITY: endless } = Number;
  const watch = new ExplosionWatch({ guessing: 2, dense: noNumber, pruned: 1 }, rate);
  await assertRefuses(() => watch.validation(1, 21), 'trainingDiverged');
  for (const pruned of [noNumber, endless]) {
    const improving = new ExplosionWatch({ guessing: 2, dense: 1, pruned }, rate);
    improving.validation(1, 1e9);
    await assertRefuses(() => improving.validation(1, endless), 'trainingDiverged');
    await assertRefuses(() => improving.validation(1, noNumber), 'trainingDiverged');
  }
});

test('where rows are masked, an epoch has fewer in the end than it might have had', async () => {
  const watch = new ExplosionWatch({ ...nothing, guessing: 2 }, rate, 2);
  watch.mean(3, 150, 5, 10);
  await assertRefuses(() => watch.mean(3, 150, 5, 5), 'trainingDiverged', 'epoch 3', '30', '0.001');
});

test('a loss that is no number ends the training at once', async () => {
  const watch = new ExplosionWatch({ ...nothing, guessing: 1 }, rate);
  await assertRefuses(() => watch.step(1, Number.NaN), 'trainingDiverged', 'NaN');
  await assertRefuses(() => watch.validation(1, Number.POSITIVE_INFINITY), 'trainingDiverged', 'Infinity');
});

test('what happened is said with the numbers', async () => {
  const watch = new ExplosionWatch({ ...nothing, guessing: 1 }, rate, 0.123456);
  const { code, args } = await messageFrom(() => watch.validation(3, Number.POSITIVE_INFINITY));
  assert.equal(code, 'trainingDiverged');
  assert.deepEqual(args, { epoch: 3, loss: 'Infinity', first: '0.1235', remedy: remedyFor(rate) });
});
