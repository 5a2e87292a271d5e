import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { TrainingClock } from '../../../extension/training/trainingClock.ts';

/** Four epochs, of which one was done before; a step costs three times as much as validating the same samples. */
function clockIn({ mock }: TestContext) {
  let milliseconds = 5000;
  mock.method(performance, 'now', () => milliseconds);
  const clock = new TrainingClock(4, 100, 100, 1);
  const wait = (seconds: number) => {
    milliseconds += seconds * 1000;
  };
  return { clock, wait };
}

test('training and validation of an epoch are done by the work that they take', (context) => {
  const { clock } = clockIn(context);
  assert.equal(clock.done(1, 'train', 0), 1 / 4);
  assert.equal(clock.done(1, 'train', 0.5), (1 + 0.5 * 0.75) / 4);
  assert.equal(clock.done(1, 'validate', 0), (1 + 0.75) / 4);
  assert.equal(clock.done(1, 'validate', 0.5), (1 + 0.875) / 4);
  assert.equal(clock.done(3, 'validate', 1), 1);
});

test('the time left is that of the rest at the pace so far, without what was done before', (context) => {
  const { clock, wait } = clockIn(context);
  wait(1);
  assert.equal(clock.secondsLeft(1, 'train', 0), undefined);
  wait(5);
  assert.equal(clock.secondsLeft(2, 'train', 0), 6 * 2);
  assert.equal(clock.secondsLeft(1, 'validate', 0), (6 / 0.75) * 2.25);
  wait(12);
  assert.equal(clock.secondsLeft(4, 'train', 0), 0);
});
