import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lossRange, smallCurve } from '../../extension/protocol/smallCurve.ts';
import { sensitivityReport } from '../fixtures/sensitivityReport.ts';

const size = { width: 110, height: 30, margin: 5 };

describe('a small curve', () => {
  const report = sensitivityReport();

  it('shares its range with all others of the report', () => {
    assert.deepEqual(lossRange(report), { low: 0.48, high: 1.6 });
    report.curves[0].points[1].loss = null;
    assert.deepEqual(lossRange(report), { low: 0.48, high: 1.6 });
  });

  it('goes from sparsity 0 at the left to 1 at the right, higher losses higher, and leaves out what is not finite', () => {
    const points = [
      { sparsity: 0, loss: 1 },
      { sparsity: 0.5, loss: 2 },
      { sparsity: 0.75, loss: null },
      { sparsity: 1, loss: 3 },
    ];
    assert.deepEqual(smallCurve({ points }, 1, { low: 1, high: 3 }, size), {
      points: [
        { x: 5, y: 25 },
        { x: 55, y: 15 },
        { x: 105, y: 5 },
      ],
      baseline: 25,
    });
  });

  it('lies at the bottom where no loss differs', () => {
    const { points, baseline } = smallCurve(
      { points: [{ sparsity: 0.5, loss: 2 }] },
      2,
      { low: 2, high: 2 },
      size,
    );
    assert.deepEqual([points[0].y, baseline], [25, 25]);
  });
});
