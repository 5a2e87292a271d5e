import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repeatedSteps, rowsOf, type Steps, stepsOf } from '../../../extension/engine/wasm/rows.ts';

/** Where each operand is at every turn of the loop. */
function places(shape: readonly number[], operands: readonly Steps[]): number[][] {
  const rows = rowsOf(shape, operands);
  const visited: number[][] = [];
  rows.each((starts) => {
    for (let k = 0; k < rows.length; k++) visited.push(starts.map((start, o) => start + k * rows.steps[o]));
  });
  return visited;
}

test('an array that lies in one piece is one row', () => {
  const steps = stepsOf([2, 3, 4]);
  assert.deepEqual(steps, [12, 4, 1]);
  const { length } = rowsOf([2, 3, 4], [steps, steps]);
  assert.equal(length, 24);
  assert.deepEqual(
    places([2, 3], [stepsOf([2, 3])]),
    [0, 1, 2, 3, 4, 5].map((i) => [i]),
  );
});

test('an operand stays where it is along an axis that it is repeated over', () => {
  assert.deepEqual(repeatedSteps([2, 1], [2, 3]), [1, 0]);
  assert.deepEqual(repeatedSteps([3], [2, 3]), [0, 1]);
  assert.deepEqual(places([2, 3], [[1, 0]]).flat(), [0, 0, 0, 1, 1, 1]);
  assert.deepEqual(places([2, 3], [[0, 1]]).flat(), [0, 1, 2, 0, 1, 2]);
});

test('axes join only where every operand goes on without a gap', () => {
  const whole = stepsOf([2, 3, 4]);
  assert.equal(rowsOf([2, 3, 4], [whole, repeatedSteps([2, 1, 1], [2, 3, 4])]).length, 12);
  assert.equal(rowsOf([2, 3, 4], [whole, repeatedSteps([4], [2, 3, 4])]).length, 4);
  assert.equal(rowsOf([2, 1, 4], [stepsOf([2, 1, 4]), stepsOf([2, 1, 4])]).length, 8);
});

test('transposed steps visit the other order', () => {
  assert.deepEqual(places([3, 2], [[1, 3]]).flat(), [0, 3, 1, 4, 2, 5]);
});

test('a single value is a row; nothing is none', () => {
  assert.deepEqual(places([], [[]]), [[0]]);
  assert.deepEqual(places([1, 1], [[1, 1]]), [[0]]);
  assert.deepEqual(places([2, 0, 3], [[0, 3, 1]]), []);
});
