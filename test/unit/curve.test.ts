import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { linePath } from '../../extension/protocol/chart.ts';
import { curveOf, markedPoints, validationPoint } from '../../extension/protocol/curve.ts';
import { numbersFor } from '../../extension/protocol/numbers.ts';
import type { FinetuneEpoch } from '../../extension/protocol/report.ts';

const size = { width: 600, height: 200 };
const numbers = numbersFor('en');

/** Epochs with these training losses; the validation loss is a tenth more. */
function epochsOf(...losses: number[]): FinetuneEpoch[] {
  return losses.map((loss, i) => ({
    epoch: i + 1,
    loss,
    validationLoss: loss * 1.1,
    sparsity: 0.9,
    seconds: 1,
    learningRate: 0.001,
  }));
}

describe('the curve of losses', () => {
  it('runs from the left edge to the right, higher losses higher', () => {
    const { plot, training, validation } = curveOf(epochsOf(0.9, 0.6, 0.5), size, numbers);
    assert.deepEqual(
      training.map(({ x }) => x),
      [plot.left, (plot.left + plot.right) / 2, plot.right],
    );
    const heights = training.map(({ y }) => y);
    assert.deepEqual(
      heights,
      heights.toSorted((a, b) => a - b),
    );
    for (const [i, { y }] of training.entries())
      assert.ok(validation[i].y < y, 'the larger loss is not above');
  });

  it('lies within round numbers that are told at the edge', () => {
    for (const losses of [
      [0.9, 0.6, 0.5],
      [1e-6, 2e-6],
      [12_345, 400],
      [0.4486, 0.4487],
    ]) {
      const { plot, lossTicks, training, validation } = curveOf(epochsOf(...losses), size, numbers);
      for (const { y } of [...training, ...validation]) {
        assert.ok(y >= plot.top - 1e-6 && y <= plot.bottom + 1e-6, `${losses}: ${y}`);
      }
      assert.ok(lossTicks.length >= 2 && lossTicks.length <= 7, `${losses}: ${lossTicks.length} ticks`);
      assert.ok(Math.abs(lossTicks[0].at - plot.bottom) < 1e-6);
      assert.ok(Math.abs(lossTicks.at(-1)!.at - plot.top) < 1e-6);
      assert.equal(
        new Set(lossTicks.map(({ text }) => text)).size,
        lossTicks.length,
        'a number stands twice',
      );
    }
    const { lossTicks } = curveOf(epochsOf(0.9, 0.6, 0.5), size, numbers);
    assert.deepEqual(
      lossTicks.map(({ text }) => text),
      ['0.4', '0.6', '0.8', '1'],
    );
  });

  it('places a loss where its number stands', () => {
    const epochs = epochsOf(0.8, 0.6);
    epochs[0].validationLoss = 0.5;
    const { lossTicks, training } = curveOf(epochs, size, numbers);
    const tick = lossTicks.find(({ text }) => text === '0.8');
    assert.ok(tick && Math.abs(tick.at - training[0].y) < 1e-6);
  });

  it('names as many epochs as there is room for', () => {
    const names = (count: number, width: number) =>
      curveOf(epochsOf(...Array(count).fill(1)), { width, height: 200 }, numbers).epochTicks.map(
        ({ text }) => text,
      );
    assert.deepEqual(names(5, 600), ['1', '2', '3', '4', '5']);
    assert.deepEqual(names(50, 600), ['1', '5', '10', '15', '20', '25', '30', '35', '40', '45', '50']);
    const { epochTicks } = curveOf(epochsOf(...Array(100).fill(1)), { width: 300, height: 200 }, numbers);
    for (const [i, { at }] of epochTicks.entries())
      assert.ok(i === 0 || at - epochTicks[i - 1].at > 20, 'two numbers run into each other');
  });

  it('puts a single epoch in the middle, and a flat curve too', () => {
    const one = curveOf(epochsOf(0.5), size, numbers);
    assert.equal(one.training[0].x, (one.plot.left + one.plot.right) / 2);
    const flat = epochsOf(0, 0).map((epoch) => ({ ...epoch, validationLoss: 0 }));
    const { plot, training } = curveOf(flat, size, numbers);
    assert.equal(training[0].y, (plot.top + plot.bottom) / 2);
  });

  it('is a path through its points, which are marked where there are not too many', () => {
    const { training } = curveOf(epochsOf(0.5, 0.4), size, numbers);
    const [a, b] = training;
    const place = ({ x, y }: typeof a) => `${x.toFixed(1)} ${y.toFixed(1)}`;
    assert.equal(linePath(training), `M${place(a)}L${place(b)}`);
    assert.deepEqual(markedPoints(training), training);
    assert.deepEqual(markedPoints(curveOf(epochsOf(...Array(61).fill(1)), size, numbers).training), []);
  });

  it('has a place for the epoch that was kept, and none for the pruned weights', () => {
    const curve = curveOf(epochsOf(0.5, 0.4), size, numbers);
    assert.equal(validationPoint(curve, 2), curve.validation[1]);
    assert.equal(validationPoint(curve, 0), undefined);
  });

  it('leaves out what is no number', () => {
    const { training, validation } = curveOf(epochsOf(0.5, Number.NaN, 0.4), size, numbers);
    assert.deepEqual(
      training.map(({ epoch }) => epoch),
      [1, 3],
    );
    assert.equal(validation.length, 2);
  });
});
