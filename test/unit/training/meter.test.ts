import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Loss } from '../../../extension/model/loss.ts';
import type { Tensor } from '../../../extension/model/tensor.ts';
import { Meter, type MeterResult } from '../../../extension/training/meter.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { loss, tensor, whole } from './losses.ts';

function measure(chosen: Loss, outputs: Tensor, targets: Tensor, mask?: Tensor): MeterResult {
  const meter = new Meter(chosen);
  meter.add(outputs, targets, mask);
  return meter.result();
}

function near(actual: number | undefined, expected: number, relative = 1e-12): void {
  const close = Math.abs((actual ?? Number.NaN) - expected) <= relative * Math.max(1, Math.abs(expected));
  assert.ok(close, `${actual} is not ${expected}`);
}

const ln = Math.log;

test('a coin costs log 2, whichever cross-entropy counts it', () => {
  near(
    measure(loss('binary_crossentropy', 'sigmoid', 1), tensor([2, 1], [0, 0]), tensor([2, 1], [0, 1])).loss,
    ln(2),
  );
  const zeros = tensor([1, 2], [0, 0]);
  near(measure(loss('categorical_crossentropy', 'softmax', 2), zeros, tensor([1, 2], [0, 1])).loss, ln(2));
  near(measure(loss('sparse_categorical_crossentropy', 'softmax', 2), zeros, whole([1], [1])).loss, ln(2));
});

test('smoothed targets are the same, be they class indices or one-hot, and have no perplexity', () => {
  const options = { labelSmoothing: 0.2 };
  const outputs = tensor([2, 3], [1, 2, 3, 0, -1, 1]);
  const own = (name: 'categorical_crossentropy' | 'sparse_categorical_crossentropy', targets: Tensor) =>
    measure({ ...loss(name, 'softmax', 3), options }, outputs, targets);
  const indices = own('sparse_categorical_crossentropy', whole([2], [2, 0]));
  const rows = own('categorical_crossentropy', tensor([2, 3], [0, 0, 1, 1, 0, 0]));
  near(indices.loss, rows.loss);
  const logAll = [1, 2, 3, 0, -1, 1].map(
    (z, i) => (i < 3 ? ln(Math.exp(1) + Math.exp(2) + Math.exp(3)) : ln(1 + Math.exp(-1) + Math.E)) - z,
  );
  const wanted = 0.8 * (logAll[2] + logAll[3]) + (0.2 / 3) * logAll.reduce((sum, value) => sum + value, 0);
  near(rows.loss, wanted / 2);
  assert.deepEqual(rows.metrics, { accuracy: 0.5 });
});

test('rows of the class that is ignored do not count, whatever else they are', () => {
  const options = { ignoreClass: -1 };
  const outputs = tensor([2, 2], [0, 0, 5, 1]);
  const found = measure(
    { ...loss('sparse_categorical_crossentropy', 'softmax', 2), options },
    outputs,
    whole([2], [1, -1]),
  );
  near(found.loss, ln(2));
});

test('binary cross-entropy is the mean over units and samples', () => {
  // Logit log 3 is probability 3/4.
  const z = Math.fround(ln(3));
  const p = 1 / (1 + Math.exp(-z));
  const { loss: value, metrics } = measure(
    loss('binary_crossentropy', 'sigmoid', 2),
    tensor([2, 2], [z, z, -z, 0]),
    tensor([2, 2], [1, 0, 0, 1]),
  );
  near(value, (-ln(p) - ln(1 - p) - ln(p) + ln(2)) / 4);
  // 0 is not above one half.
  assert.deepEqual(metrics, { accuracy: 0.5 });
});

test('extreme logits neither overflow nor vanish', () => {
  const binary = loss('binary_crossentropy', 'sigmoid', 1);
  near(measure(binary, tensor([1, 1], [1000]), tensor([1, 1], [0])).loss, 1000);
  near(measure(binary, tensor([1, 1], [-1000]), tensor([1, 1], [1])).loss, 1000);
  const tiny = measure(binary, tensor([1, 1], [40]), tensor([1, 1], [1])).loss;
  near(tiny / Math.exp(-40), 1);
  const three = tensor([1, 3], [1000, 0, -1000]);
  near(measure(loss('categorical_crossentropy', 'softmax', 3), three, tensor([1, 3], [0, 0, 1])).loss, 2000);
  near(measure(loss('sparse_categorical_crossentropy', 'softmax', 3), three, whole([1, 1], [0])).loss, 0);
});

test('categorical and sparse cross-entropy agree, and perplexity is exp of them', () => {
  // Logits log 1, log 2, log 5: probabilities 1/8, 2/8, 5/8
  const z = [1, 2, 5].map((w) => Math.fround(ln(w)));
  const total = Math.exp(z[0]) + Math.exp(z[1]) + Math.exp(z[2]);
  const outputs = tensor([2, 3], [...z, ...z]);
  const expected = (2 * ln(total) - z[1] - z[2]) / 2;
  const sparse = measure(loss('sparse_categorical_crossentropy', 'softmax', 3), outputs, whole([2], [1, 2]));
  const full = measure(
    loss('categorical_crossentropy', 'softmax', 3),
    outputs,
    tensor([2, 3], [0, 1, 0, 0, 0, 1]),
  );
  near(sparse.loss, expected);
  near(full.loss, expected);
  assert.deepEqual(sparse.metrics, { accuracy: 0.5, perplexity: Math.exp(sparse.loss) });
  assert.deepEqual(full.metrics, { accuracy: 0.5, perplexity: Math.exp(full.loss) });
});

test('soft targets weigh the classes', () => {
  const z = Math.fround(ln(3));
  const all = ln(1 + Math.exp(z));
  const y = [0.25, 0.75];
  const { loss: value } = measure(
    loss('categorical_crossentropy', 'softmax', 2),
    tensor([1, 2], [0, z]),
    tensor([1, 2], y),
  );
  near(value, 0.25 * all + 0.75 * (all - z));
});

test('probabilities are clipped like Keras clips them', () => {
  const binary = loss('binary_crossentropy', 'linear', 1, false);
  near(measure(binary, tensor([1, 1], [0.25]), tensor([1, 1], [1])).loss, ln(4));
  near(measure(binary, tensor([1, 1], [-3]), tensor([1, 1], [1])).loss, -ln(1e-7));
  // 1 − 1e-7 as a float32 is 1 − 2⁻²³.
  near(measure(binary, tensor([1, 1], [7]), tensor([1, 1], [0])).loss, 23 * ln(2));
  const linear = loss('categorical_crossentropy', 'linear', 2, false);
  near(measure(linear, tensor([1, 2], [1, 3]), tensor([1, 2], [0, 1])).loss, ln(4 / 3));
  const sparse = loss('sparse_categorical_crossentropy', 'linear', 2, false);
  near(measure(sparse, tensor([1, 2], [0.125, 0.375]), whole([1], [0])).loss, ln(4));
});

test('a cross-entropy of the other kind takes what the head puts out as probabilities', () => {
  // Softmax of equal logits: 1/2 each
  const { loss: value } = measure(
    loss('binary_crossentropy', 'softmax', 2, false),
    tensor([1, 2], [5, 5]),
    tensor([1, 2], [1, 0]),
  );
  near(value, ln(2));
  // Sigmoid gives 1/2 and 3/4; as classes 2/5 and 3/5.
  const z = Math.fround(ln(3));
  const crossed = loss('categorical_crossentropy', 'sigmoid', 2, false);
  near(measure(crossed, tensor([1, 2], [0, z]), tensor([1, 2], [0, 1])).loss, ln(5 / 3), 1e-6);
});

test('regression losses are means over the last axis, then over samples', () => {
  const outputs = tensor([2, 2], [1, 2, 3, 4]);
  const targets = tensor([2, 2], [1, 4, 6, 4.5]);
  const errors = (name: Parameters<typeof loss>[0]) => measure(loss(name, 'linear', 2), outputs, targets);
  near(errors('mean_squared_error').loss, (4 + 9 + 0.25) / 4);
  near(errors('mean_absolute_error').loss, (2 + 3 + 0.5) / 4);
  near(errors('mean_absolute_percentage_error').loss, (100 * (2 / 4 + 3 / 6 + 0.5 / 4.5)) / 4);
  near(errors('huber').loss, (1.5 + 2.5 + 0.125) / 4);
  near(
    errors('mean_squared_logarithmic_error').loss,
    (ln(3 / 5) ** 2 + ln(4 / 7) ** 2 + ln(5 / 5.5) ** 2) / 4,
  );
  assert.deepEqual(errors('huber').metrics, { meanAbsoluteError: 5.5 / 4 });
});

test('a regression loss sees the model’s real outputs, after its head', () => {
  const sigmoid = measure(
    loss('mean_squared_error', 'sigmoid', 1, false),
    tensor([1, 1], [0]),
    tensor([1, 1], [1]),
  );
  near(sigmoid.loss, 0.25);
  assert.deepEqual(sigmoid.metrics, { meanAbsoluteError: 0.5 });
  const softmax = loss('mean_squared_error', 'softmax', 4, false);
  near(measure(softmax, tensor([1, 4], [9, 9, 9, 9]), tensor([1, 4], [0, 0, 0, 0])).loss, 1 / 16);
});

test('uneven batches give the mean over samples, not of batch means', () => {
  const meter = new Meter(loss('mean_squared_error', 'linear', 1));
  meter.add(tensor([3, 1], [0, 0, 0]), tensor([3], [1, 1, 1]));
  meter.add(tensor([1, 1], [0]), tensor([1], [3]));
  near(meter.result().loss, 12 / 4);
  near(meter.result().metrics.meanAbsoluteError, 6 / 4);
});

test('masked steps do not count, whatever they hold', () => {
  const meter = new Meter(loss('sparse_categorical_crossentropy', 'softmax', 2));
  const targets = whole([2, 3], [0, 1, -1, 1, -1, -1]);
  const nan = Number.NaN;
  meter.add(
    tensor([2, 3, 2], [0, 0, 0, 0, nan, nan, 0, 0, nan, 0, 0, nan]),
    targets,
    tensor([2, 3], [1, 1, 0, 1, 0, 0]),
  );
  // A batch of short sequences weighs no more than its steps.
  meter.add(tensor([1, 3, 2], [0, 1000, 0, 0, 0, 0]), whole([1, 3], [0, 0, 0]), tensor([1, 3], [1, 0, 0]));
  near(meter.result().loss, (3 * ln(2) + 1000) / 4);
  assert.equal(meter.result().metrics.accuracy, 1 / 4);
});

test('a step’s mask covers all the rows in it', () => {
  const squared = loss('mean_squared_error', 'linear', 1);
  const outputs = tensor([1, 2, 2, 1], [1, 2, 50, 50]);
  near(measure(squared, outputs, tensor([1, 2, 2], [0, 0, 0, 0]), tensor([1, 2], [1, 0])).loss, 2.5);
});

test('equal outputs count as the first class', () => {
  const sparse = loss('sparse_categorical_crossentropy', 'softmax', 3);
  assert.equal(measure(sparse, tensor([1, 3], [1, 1, 0]), whole([1], [0])).metrics.accuracy, 1);
  assert.equal(measure(sparse, tensor([1, 3], [1, 1, 0]), whole([1], [1])).metrics.accuracy, 0);
});

test('sums of many samples do not drift', () => {
  const meter = new Meter(loss('mean_absolute_error', 'linear', 1));
  const count = 100_000;
  const zeros = tensor([count, 1], new Array(count).fill(0));
  const tenths = tensor([count, 1], new Array(count).fill(0.1));
  for (let i = 0; i < 10; i++) meter.add(zeros, tenths);
  near(meter.result().loss, Math.fround(0.1), 1e-10);
});

test('nothing to measure is an error, not a number', async () => {
  const squared = loss('mean_squared_error', 'linear', 1);
  await assertRefuses(() => new Meter(squared).result(), 'nothingMeasured');
  const masked = () =>
    measure(squared, tensor([1, 2, 1], [1, 1]), tensor([1, 2], [1, 1]), tensor([1, 2], [0, 0]));
  await assertRefuses(masked, 'nothingMeasured');
});

test('a loss that is no number is an error', async () => {
  const squared = loss('mean_squared_error', 'linear', 1);
  const nan = () => measure(squared, tensor([1, 1], [Number.NaN]), tensor([1, 1], [0]));
  await assertRefuses(nan, 'lossNotFinite', 'mean_squared_error', 'NaN');
});

test('targets that the loss cannot take are refused with the value', async () => {
  const sparse = loss('sparse_categorical_crossentropy', 'softmax', 3);
  const outputs = tensor([1, 3], [0, 0, 0]);
  await assertRefuses(() => measure(sparse, outputs, whole([1], [3])), 'lossMismatch', 'is 3', '0 to 2');
  await assertRefuses(() => measure(sparse, outputs, whole([1], [-1])), 'lossMismatch', 'is -1');
  await assertRefuses(() => measure(sparse, outputs, tensor([1], [0.5])), 'lossMismatch', 'is 0.5');
  const binary = loss('binary_crossentropy', 'sigmoid', 1);
  await assertRefuses(() => measure(binary, tensor([1, 1], [0]), tensor([1], [7])), 'lossMismatch', 'is 7');
  await assertRefuses(
    () => measure(binary, tensor([2, 1], [0, 0]), tensor([1], [1])),
    'lossMismatch',
    '[2, 1]',
  );
});

test('a loss of sequences is a mean over samples, each of the steps that count, and has no other figure', () => {
  const sequences = loss('ctc', 'linear', 2, false);
  // Of 2^2 equal paths, three say "1"; of two, one; no step of the last sample counts.
  const outputs = tensor([3, 2, 2], new Array(12).fill(0));
  const found = measure(
    sequences,
    outputs,
    whole([3, 2], [1, 0, 1, 0, 1, 1]),
    tensor([3, 2], [1, 1, 1, 0, 0, 0]),
  );
  near(found.loss, (ln(4 / 3) + ln(2)) / 2);
  assert.deepEqual(found.metrics, {});
});

test('labels that cannot be, or not in so many steps, are refused', async () => {
  const of = (labels: number[]) =>
    measure(loss('ctc', 'linear', 3, false), tensor([1, 2, 3], new Array(6).fill(0)), whole([1, 3], labels));
  await assertRefuses(() => of([1, 3, 0]), 'lossMismatch', 'is 3', '1 to 2');
  await assertRefuses(() => of([1, 0, 2]), 'lossMismatch', 'is 0', 'zeros behind');
  await assertRefuses(() => of([-1, 0, 0]), 'lossMismatch', 'is -1');
  await assertRefuses(() => of([2, 2, 0]), 'lossMismatch', '2 labels', '3 steps', 'have 2');
});

test('what all outputs have in common with their targets is one loss, in however many batches they come', () => {
  const dice = loss('dice', 'sigmoid', 2, false);
  const meter = new Meter(dice);
  meter.add(tensor([1, 2], [0, 0]), tensor([1, 2], [1, 0]));
  meter.add(tensor([2, 2], [0, 0, 0, 0]), tensor([2, 2], [1, 1, 0, 0]));
  // 2 · 1.5 / (3 + 3)
  near(meter.result().loss, 0.5, 1e-7);
  const samples: Loss = { ...dice, options: { over: 'sample' } };
  const found = measure(samples, tensor([2, 1, 2], [0, 0, 0, 0]), tensor([2, 1, 2], [1, 0, 1, 1]));
  near(found.loss, (0.5 + 1 / 3) / 2, 1e-7);
  assert.deepEqual(found.metrics, {});
});
