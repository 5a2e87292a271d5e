import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ExpectedData } from '../../../extension/data/dataset.ts';
import { openData } from '../../../extension/data/open.ts';
import { reportedPart } from '../../../extension/data/split.ts';
import type { DataOptions } from '../../../extension/protocol/recipe.ts';
import { shared } from '../../support/paths.ts';
import { expecting } from './expected.ts';

const skip = existsSync(shared) ? false : 'skipped: ../shared is not there';

async function report(name: string, options: DataOptions, expected: ExpectedData) {
  const dataset = await openData({ data: join(shared, 'data', name), ...options }, expected);
  const { name: split, part } = reportedPart(dataset, options.split);
  const { inputs, targets } = await part.load();
  let sum = 0;
  for (const value of inputs[0].data) sum += value;
  return {
    split,
    x: inputs[0].shape,
    y: targets,
    sum,
  };
}

test('turbofan windows are read with their 93 test samples', { skip }, async () => {
  const expected = expecting([null, 50, 25], [null, 1]);
  const { split, x, y } = await report('cmapss_failure_within_30.npz', {}, expected);
  assert.deepEqual([split, x, y.shape], ['test', [93, 50, 25], [93, 1]]);
  assert.deepEqual([...new Set(y.data)].sort(), [0, 1]);
});

test('rows of digits are read from a compressed archive, with their classes', { skip }, async () => {
  const { split, x, y } = await report('mnist_rows.npz', {}, expecting([null, 28, 28], [null, 10]));
  assert.deepEqual([split, x, y.shape], ['test', [2000, 28, 28], [2000]]);
  assert.ok(y.data instanceof Int32Array);
  assert.deepEqual([...new Set(y.data)].sort(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('12 years of months give 132 windows of one', { skip }, async () => {
  const series = expecting([null, 12, 1], [null, 1]);
  const { x, y, sum } = await report('airline-passengers.csv', { split: 'all' }, series);
  assert.deepEqual(
    [x, y.shape],
    [
      [132, 12, 1],
      [132, 1],
    ],
  );
  // January 1950 follows the first window, December 1960 the last.
  assert.deepEqual([y.data[0], y.data.at(-1)], [115, 432]);
  assert.ok(sum > 132 * 12 * 104 && sum < 132 * 12 * 622);
});
