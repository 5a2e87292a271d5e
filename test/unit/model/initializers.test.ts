import assert from 'node:assert/strict';
import { test } from 'node:test';
import { glorot, orthonormalRows } from '../../../extension/model/initializers.ts';
import { Random } from '../../../extension/model/random.ts';

test('rows drawn for a recurrent kernel have length 1 and are at right angles', () => {
  const [rows, columns] = [5, 20];
  const matrix = orthonormalRows(rows, columns, new Random(3));
  for (let a = 0; a < rows; a++) {
    for (let b = 0; b <= a; b++) {
      let product = 0;
      for (let c = 0; c < columns; c++) product += matrix[a * columns + c] * matrix[b * columns + c];
      assert.ok(Math.abs(product - (a === b ? 1 : 0)) < 1e-6, `rows ${a} and ${b}: ${product}`);
    }
  }
});

test('as many rows as columns turn in any direction: no coordinate is favoured', () => {
  const random = new Random(2);
  const size = 3;
  const sums = new Float64Array(size * size);
  const squares = new Float64Array(size * size);
  const draws = 4000;
  for (let i = 0; i < draws; i++)
    for (const [at, value] of orthonormalRows(size, size, random).entries()) {
      sums[at] += value / draws;
      squares[at] += value ** 2 / draws;
    }
  // Over all rotations a coordinate has mean 0 and mean square 1/3; of 4000 draws they are within 0.04.
  for (const at of sums.keys()) {
    assert.ok(Math.abs(sums[at]) < 0.04, `${sums[at]}`);
    assert.ok(Math.abs(squares[at] - 1 / size) < 0.04, `${squares[at]}`);
  }
});

test('a Glorot uniform kernel fills ±√(6 / (in + out)) evenly', () => {
  const values = glorot(30, 120, new Random(1));
  assert.equal(values.length, 30 * 120);
  // √(6 / 150)
  const limit = 0.2;
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  assert.ok(largest <= limit && largest > 0.99 * limit, `${largest}`);
  const square = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(Math.abs(mean) < 0.01, `${mean}`);
  // Of a uniform distribution within ±a it is a² / 3.
  assert.ok(Math.abs(square / (limit ** 2 / 3) - 1) < 0.05, `${square}`);
});
