import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DivergenceMeter, divergenceOf } from '../../../extension/training/divergence.ts';
import { tensor } from './losses.ts';

function near(actual: number | undefined, expected: number): void {
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) < 1e-7, `${actual} is not ${expected}`);
}

const ln = Math.log;

test('equal outputs do not diverge', () => {
  const outputs = tensor([2, 3], [0.3, -2, 5, 1, 1, 1.1]);
  for (const head of ['softmax', 'sigmoid', 'linear'] as const) {
    near(divergenceOf(outputs, outputs, head)?.value, 0);
  }
});

test('a softmax diverges by KL(original ‖ pruned), the mean over rows', () => {
  // (3/4, 1/4) against (1/2, 1/2), and one row that is the same up to a constant
  const original = tensor([2, 2], [ln(3), 0, 7, 8]);
  const pruned = tensor([2, 2], [0, 0, 0, 1]);
  const expected = 0.75 * ln(1.5) + 0.25 * ln(0.5);
  assert.equal(divergenceOf(original, pruned, 'softmax')?.kind, 'kl');
  near(divergenceOf(original, pruned, 'softmax')?.value, expected / 2);
  // The other way round is another number.
  near(divergenceOf(pruned, original, 'softmax')?.value, (0.5 * ln(0.5 / 0.75) + 0.5 * ln(2)) / 2);
});

test('a sigmoid diverges unit by unit', () => {
  const original = tensor([1, 2], [ln(3), 0]);
  const pruned = tensor([1, 2], [0, 0]);
  near(divergenceOf(original, pruned, 'sigmoid')?.value, (0.75 * ln(1.5) + 0.25 * ln(0.5)) / 2);
});

test('of one number a sample, each sample is a row', () => {
  const [original, pruned] = [
    [1, 2, 6],
    [1, 2, 4],
  ];
  for (const head of ['sigmoid', 'linear'] as const) {
    const expected = divergenceOf(tensor([3, 1], original), tensor([3, 1], pruned), head);
    assert.ok(expected && expected.value > 0);
    assert.deepEqual(divergenceOf(tensor([3], original), tensor([3], pruned), head), expected);
  }
});

test('saturated outputs stay finite', () => {
  const original = tensor([1, 2], [1000, -1000]);
  const pruned = tensor([1, 2], [-1000, 1000]);
  near(divergenceOf(original, pruned, 'softmax')?.value, 2000);
  near(divergenceOf(original, pruned, 'sigmoid')?.value, 1000);
});

test('linear outputs diverge by squared error over their variance, each about its own mean', () => {
  // Output 0 is 100 ± 1, output 1 is ± 1: variance 1 each, error 0.25 in each row of output 0.
  const original = tensor([2, 2], [99, -1, 101, 1]);
  const pruned = tensor([2, 2], [99.5, -1, 101.5, 1]);
  const { value, kind } = divergenceOf(original, pruned, 'linear') ?? {};
  assert.equal(kind, 'relative-mse');
  near(value, 0.25 / 2);
});

test('outputs that never vary have no relative error', () => {
  assert.equal(divergenceOf(tensor([2, 1], [3, 3]), tensor([2, 1], [3, 4]), 'linear'), undefined);
});

test('masked steps are left out', () => {
  const original = tensor([1, 2, 2], [ln(3), 0, 50, 0]);
  const pruned = tensor([1, 2, 2], [0, 0, 0, 50]);
  const value = divergenceOf(original, pruned, 'softmax', tensor([1, 2], [1, 0]))?.value;
  near(value, 0.75 * ln(1.5) + 0.25 * ln(0.5));
  assert.equal(divergenceOf(original, pruned, 'softmax', tensor([1, 2], [0, 0])), undefined);
});

test('what batches add up to is the divergence of all rows together', () => {
  const mask = tensor([3, 1], [1, 0, 1]);
  for (const head of ['softmax', 'sigmoid', 'linear'] as const) {
    const original = [1e4, 3, 7, -2, 1e4 + 5, 0];
    const pruned = [1e4 + 1, 4, 0, 0, 1e4 - 3, 2];
    const whole = divergenceOf(tensor([3, 1, 2], original), tensor([3, 1, 2], pruned), head, mask);
    const meter = new DivergenceMeter(head);
    for (let row = 0; row < 3; row++) {
      const [a, b] = [original, pruned].map((values) =>
        tensor([1, 1, 2], values.slice(2 * row, 2 * row + 2)),
      );
      meter.add(a, b, tensor([1, 1], [mask.data[row]]));
    }
    assert.deepEqual(meter.result(), whole);
    // Deviations of ± 2.5 and ± 1.5 from the means, errors of 1, 1, 8 and 2.
    if (head === 'linear') near(whole?.value, 70 / 17);
  }
});

test('rows of which the original is no finite number do not count', () => {
  for (const nothing of [Number.NaN, Number.POSITIVE_INFINITY]) {
    for (const head of ['softmax', 'sigmoid', 'linear'] as const) {
      const original = [ln(3), 0, nothing, 1, 2, 5];
      const pruned = [0, 0, nothing, 1, 2, 4];
      const found = divergenceOf(tensor([3, 2], original), tensor([3, 2], pruned), head);
      const rest = (values: number[]) => tensor([2, 2], [...values.slice(0, 2), ...values.slice(4)]);
      assert.deepEqual(found, divergenceOf(rest(original), rest(pruned), head));
      assert.ok((found?.value ?? 0) > 0);
      const none = tensor([1, 2], [nothing, 1]);
      assert.equal(divergenceOf(none, none, head), undefined);
    }
  }
});

test('a pruned model that alone puts out no number diverges without end', () => {
  for (const head of ['softmax', 'sigmoid', 'linear'] as const) {
    const value = divergenceOf(tensor([2, 1], [1, 2]), tensor([2, 1], [1, Number.NaN]), head)?.value;
    assert.equal(value, Number.POSITIVE_INFINITY);
  }
});
