import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ctc } from '../../../extension/engine/losses/ctc.ts';
import { ctcReference } from '../../../extension/engine/reference/ctc.ts';
import { Random } from '../../../extension/model/random.ts';

const random = new Random(5);

function compare(z: number[][], labels: number[]): void {
  const width = z[0].length;
  const gradient = new Float64Array(z.length * width);
  const loss = ctc(Float64Array.from(z.flat()), width, labels, gradient);
  const expected = ctcReference(z, labels);
  const what = `${z.length} steps, labels ${labels.slice(0, 12).join()}`;
  assert.ok(
    Math.abs(loss - expected.loss) <= 1e-10 * Math.max(1, expected.loss),
    `${what}: ${loss}, not ${expected.loss}`,
  );
  for (const [i, value] of expected.gradient.flat().entries())
    assert.ok(Math.abs(gradient[i] - value) <= 1e-8, `${what}: ${i}: ${gradient[i]}, not ${value}`);
}

/** Random logits [steps, classes]. */
function logits(steps: number, classes: number, scale: number): number[][] {
  return Array.from({ length: steps }, () => Array.from({ length: classes }, () => scale * random.normal()));
}

test('the loss and its gradient are those of the formulas, for labels of any length and whatever repeats', () => {
  for (const labels of [[], [1], [2, 2], [1, 2, 3], [3, 3, 3, 1], [1, 2, 1, 2, 2]])
    for (const steps of [labels.length + 3, 9, 24])
      for (const scale of [0, 1, 30]) compare(logits(steps, 4, scale), labels);
});

test('labels that leave no step over have one path', () => {
  compare(logits(4, 3, 1), [1, 2, 1, 2]);
  compare(logits(3, 3, 1), [1, 1]);
  compare(logits(1, 3, 1), [2]);
});

test('probabilities beyond what a float64 holds are kept', () => {
  const labels = Array.from({ length: 120 }, (_, u) => 1 + (u % 4));
  // A model that all but always puts out the blank, as at the begin of many a training.
  const silent = logits(400, 5, 1).map(([, ...rest]) => [30, ...rest]);
  const gradient = new Float64Array(2000);
  assert.ok(ctc(Float64Array.from(silent.flat()), 5, labels, gradient) > 2000);
  compare(silent, labels);
  compare(logits(60, 5, 900), [1, 2, 3, 4, 1]);
});

test('the loss is minus the logarithm of the share of paths that say the labels', () => {
  // Of 2^2 equal paths, 1, 01 and 10 say "1".
  const zeros = new Float64Array(4);
  assert.ok(Math.abs(ctc(zeros, 2, [1]) - Math.log(4 / 3)) < 1e-12);
});
