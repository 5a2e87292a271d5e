import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { numbersFor } from '../../extension/protocol/numbers.ts';
import { areaOf, finestCurves, harmlessUpTo, ranked } from '../../extension/protocol/sensitivity.ts';
import { chartGroups, sensitivityChart } from '../../extension/protocol/sensitivityChart.ts';
import { sensitivityReport } from '../fixtures/sensitivityReport.ts';

const points = (...losses: (number | null)[]) => losses.map((loss, i) => ({ sparsity: i / 4, loss }));

describe('a curve of losses by sparsity', () => {
  it('has the area between it and the loss as it is', () => {
    // Triangle, then two trapezoids: ¼ (½·1 + ½(1 + 3) + ½(3 + 3))
    assert.equal(areaOf(points(2, 3, 5, 5)), 0.25 * (0.5 + 2 + 3));
    assert.equal(areaOf(points(2, 1, 2)), -0.25);
    assert.equal(areaOf(points(2)), 0);
    assert.equal(areaOf(points(2, null, 2)), null);
  });

  it('is free up to the highest sparsity before the loss rises by a hundredth', () => {
    assert.equal(harmlessUpTo(points(2, 2.01, 2.019, 2.02)), 0.5);
    assert.equal(harmlessUpTo(points(2, 2.02, 2)), 0);
    assert.equal(harmlessUpTo(points(2, 1, 1)), 0.5);
    assert.equal(harmlessUpTo(points(-2, -1.99, -1.98)), 0.25);
    assert.equal(harmlessUpTo(points(2, null, 2)), 0);
  });
});

describe('the curves of a report', () => {
  const { curves } = sensitivityReport();

  it('are ranked by their areas, and those of single parts told from whole ones', () => {
    const names = ranked(finestCurves(curves)).map(({ name }) => name);
    assert.deepEqual(names, ['gru_<1>/kernel/h', 'gru_<1>/kernel/r', 'gru_<1>/kernel/z', 'dense/kernel']);
  });

  it('that are not finite somewhere are ranked before all others', () => {
    const lost = { points: points(0.5, null, 0.5), area: null };
    const some = curves.map((curve) =>
      curve.name.endsWith('z') || curve.name.endsWith('r') ? { ...curve, ...lost } : curve,
    );
    const names = ranked(finestCurves(some)).map(({ name }) => name);
    assert.deepEqual(names, ['gru_<1>/kernel/z', 'gru_<1>/kernel/r', 'gru_<1>/kernel/h', 'dense/kernel']);
  });

  it('are drawn matrix by matrix', () => {
    const groups = chartGroups(sensitivityReport());
    assert.deepEqual(
      groups.map(({ layer, matrix, curves }) => [layer, matrix, curves.map(({ gate }) => gate)]),
      [
        ['gru_<1>', 'kernel', ['z', 'r', 'h']],
        ['dense', 'kernel', [undefined]],
      ],
    );
  });

  it('run from the left edge as far as their sparsity, higher losses higher', () => {
    const [{ curves: gates }] = chartGroups(sensitivityReport());
    const { plot, series, baseline } = sensitivityChart(
      gates,
      0.5,
      { width: 500, height: 200 },
      numbersFor('en'),
    );
    assert.deepEqual(
      series.map(({ gate }) => gate),
      ['z', 'r', 'h'],
    );
    const { points } = series[2];
    const across = (sparsity: number) => plot.left + sparsity * (plot.right - plot.left);
    assert.deepEqual(
      points.map(({ x }) => x),
      [0, 0.5, 0.9].map(across),
    );
    assert.equal(points[0].y, baseline);
    assert.ok(points[0].y > points[1].y && points[1].y > points[2].y);
    assert.ok(points.every(({ y }) => y >= plot.top && y <= plot.bottom));
  });

  it('leave out what is not finite', () => {
    const [{ curves: gates }] = chartGroups(sensitivityReport());
    gates[2].points[2].loss = null;
    const { series } = sensitivityChart(gates, 0.5, { width: 500, height: 200 }, numbersFor('en'));
    assert.equal(series[2].points.length, 2);
    assert.ok(series.flatMap(({ points }) => points).every(({ y }) => Number.isFinite(y)));
  });
});
