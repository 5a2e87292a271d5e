import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frontChart } from '../../extension/protocol/frontChart.ts';
import { numbersFor } from '../../extension/protocol/numbers.ts';
import { autoReport } from '../fixtures/autoReport.ts';

const size = { width: 720, height: 280 };
const numbers = numbersFor('en');
const report = autoReport();
const chart = frontChart(report, size, numbers);
const at = (id: number) => {
  const point = chart.points.find((one) => one.id === id);
  assert.ok(point);
  return point;
};

test('a trial stands by the logarithm of its weights, and the higher the loss the higher', () => {
  assert.deepEqual(
    chart.points.map(({ id }) => id),
    [1, 2, 4, 5, 6],
  );
  const [one, two, four] = [at(1), at(2), at(4)];
  const share = (four.x - one.x) / (two.x - one.x);
  assert.ok(Math.abs(share - Math.log(2371 / 1000) / Math.log(3162 / 1000)) < 1e-9);
  assert.ok(at(5).y < four.y && four.y < two.y);
  // 0.51 lies between the losses 0.509 and 0.515, straight.
  assert.ok(Math.abs((four.y - chart.limit) / (four.y - at(5).y) - 1 / 6) < 1e-9);
});

test('all of it lies within the plot, a loss out of all proportion at its upper edge', () => {
  const { plot, points, clippedAt = 0 } = chart;
  for (const { x, y, id } of points)
    assert.ok(x > plot.left && x < plot.right && y >= plot.top && y <= plot.bottom, `${id}`);
  assert.equal(at(1).y, plot.top);
  assert.ok(clippedAt >= 0.53 && clippedAt < 0.6);
  assert.ok(at(6).y > plot.top);
});

test('the front goes from the smallest to the largest', () => {
  assert.deepEqual(
    chart.front.map(({ id, isBest }) => [id, isBest]),
    [
      [1, false],
      [5, false],
      [4, true],
      [2, false],
    ],
  );
  const xs = chart.front.map(({ x }) => x);
  assert.deepEqual(
    xs,
    xs.toSorted((a, b) => a - b),
  );
});

test('sizes are round, and not closer than their numbers are wide', () => {
  const { sizeTicks, plot } = chart;
  assert.deepEqual(
    sizeTicks.map(({ text }) => text),
    ['1,000', '2,000', '3,000'],
  );
  const narrow = frontChart(report, { width: 140, height: 100 }, numbers);
  assert.deepEqual(
    narrow.sizeTicks.map(({ text }) => text),
    ['1,000', '3,000'],
  );
  assert.ok(sizeTicks.every(({ at }) => at >= plot.left && at <= plot.right));
});

test('a single trial stands in the middle', () => {
  const [, , , only] = report.trials;
  const { points, plot, sizeTicks, front } = frontChart({ ...report, trials: [only] }, size, numbers);
  assert.equal(points[0].x, (plot.left + plot.right) / 2);
  assert.deepEqual(sizeTicks, [{ at: points[0].x, text: '2,371' }]);
  assert.equal(front.length, 1);
});
