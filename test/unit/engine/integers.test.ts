// The arithmetic of integers, pinned to exact formulas; TensorFlow Lite's interpreter judges what is made of it in test/interop.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sigmoidTable, tanhTable } from '../../../extension/engine/integer/fixedActivations.ts';
import {
  doubledHigh,
  multiplied,
  multiplierOf,
  roundAway,
  roundedShift,
} from '../../../extension/engine/integer/fixedPoint.ts';
import { hybridProduct } from '../../../extension/engine/integer/hybrid.ts';
import { layerNormalization } from '../../../extension/engine/integer/normalization.ts';
import { integerSoftmax } from '../../../extension/engine/integer/softmax.ts';
import { integerMatrix } from '../../../extension/engine/integer/weights.ts';
import { randomFloats, seeded } from '../../support/random.ts';

const int32s = [...randomFloats(400, seeded(1))].map((value) => Math.trunc(value * 2 ** 29));
const pairs = int32s.slice(1).map((value, i) => [int32s[i], value] as const);

/** (2ab rounded, halves away from 0) / 2^32, in integers of any size. */
function exactDoubledHigh(a: number, b: number): number {
  const product = BigInt(a) * BigInt(b);
  const half = 1n << 30n;
  return Number((product + (product >= 0n ? half : 1n - half)) / (1n << 31n));
}

/** As in floats, with numbers of 3 integer bits and 12 fractional ones. */
function normalizedInFloats(
  values: readonly number[],
  factors: readonly number[],
  biases: readonly number[],
): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return values.map((value, h) => ((value - mean) / Math.sqrt(variance)) * factors[h] + biases[h]);
}

describe('layer normalization of integers', () => {
  const scale = 2e-5;
  const drawn = (count: number, spread: number, seed: number) =>
    [...randomFloats(count, seeded(seed))].map((value) => Math.round(value * spread));
  const run = (values: readonly number[], factors: readonly number[], biases: readonly number[]) => {
    const sums = Int32Array.from(values);
    const matrix = { rows: values.length, columns: 1, integers: Int32Array.from(factors), scale: [scale] };
    layerNormalization(matrix, Int32Array.from(biases))(sums);
    return [...sums].map((value) => value / 2 ** 12);
  };

  test('is nearly that of numbers, whatever the sums’ scale and however many there are', () => {
    for (const [units, spread] of [
      [8, 30000],
      [13, 5000],
      [64, 300],
      [600, 20000],
    ] as const) {
      const values = drawn(units, spread, units);
      const factors = drawn(units, 32000, 7).map((value) => Math.round(value / 2) + 16000);
      const biases = drawn(units, 1e7, 8);
      const expected = normalizedInFloats(
        values,
        factors.map((factor) => factor * scale),
        biases.map((bias) => (bias * scale) / 1024),
      );
      for (const [h, found] of run(values, factors, biases).entries())
        assert.ok(Math.abs(found - expected[h]) < 4e-3, `${units} units: ${found} for ${expected[h]}`);
    }
  });

  test('leaves the bias alone of sums that do not differ, and saturates', () => {
    assert.deepEqual(run([7, 7, 7, 7], [30000, 20000, 10000, 1], [0, 0, 51200000, 0]), [0, 0, 1, 0]);
    const [least, greatest] = run([-900, 900], [32767, 32767], [-2e9, 2e9]);
    assert.deepEqual([least, greatest], [-8, 32767 / 4096]);
  });
});

describe('fixed-point arithmetic', () => {
  test('takes the upper half of a product of 62 bits exactly', () => {
    for (const [a, b] of [...pairs, [2 ** 31 - 1, -(2 ** 31)], [-1, 1], [0, -5], [1, 2 ** 30]] as const)
      assert.equal(doubledHigh(a, b, 32) + 0, exactDoubledHigh(a, b) + 0, `${a} · ${b}`);
    assert.equal(doubledHigh(-(2 ** 31), -(2 ** 31), 32), 2 ** 31 - 1);
    assert.equal(doubledHigh(-32768, -32768, 16), 32767);
  });

  test('divides by powers of two with halves away from 0', () => {
    for (const x of int32s)
      for (const exponent of [1, 4, 15])
        assert.equal(roundedShift(x, exponent) + 0, roundAway(x / 2 ** exponent) + 0);
    assert.deepEqual(
      [3, -3, 2, -2].map((x) => roundedShift(x, 1)),
      [2, -2, 1, -1],
    );
  });

  test('multiplies by any positive factor to within one', () => {
    for (const factor of [0.001, 0.25, 0.4999999, 0.7, 1, 3.5, 1e-12]) {
      const multiplier = multiplierOf(factor);
      for (const x of [0, 1, -7, 1000, -65000, 123456]) {
        const found = multiplied(x, multiplier);
        assert.ok(Math.abs(found - x * factor) <= 1, `${x} · ${factor}: ${found}`);
      }
    }
  });

  test('has sigmoids and hyperbolic tangents of 16 bits that are nearly those of numbers', () => {
    for (const bits of [0, 3, 6]) {
      const [sigmoid, tanh] = [sigmoidTable(3), tanhTable(bits)];
      for (let q = -32768; q < 32768; q += 7) {
        const x = q / 2 ** (15 - bits);
        assert.ok(Math.abs(tanh[q + 32768] / 2 ** 15 - Math.tanh(x)) < 2e-3, `tanh(${x})`);
        const inThree = q / 2 ** 12;
        assert.ok(
          Math.abs(sigmoid[q + 32768] / 2 ** 15 - 1 / (1 + Math.exp(-inThree))) < 2e-3,
          `σ(${inThree})`,
        );
      }
    }
  });
});

test('a softmax of integers is nearly that of the logits', () => {
  const to = { scale: 1 / 256, zeroPoint: -128, least: -128, greatest: 127 };
  const row = Int32Array.of(10, -20, 30, -128);
  const exponentials = [...row].map((q) => Math.exp(q * 0.1));
  const sum = exponentials.reduce((a, b) => a + b, 0);
  for (const [i, q] of integerSoftmax(row, 0.1, to).entries())
    assert.ok(Math.abs((q + 128) / 256 - exponentials[i] / sum) <= 1 / 256, `${i}: ${q}`);
});

describe('a product of integers and floats', () => {
  const quantization = { scale: [0.5], zeroPoint: [0] };
  const parameter = { name: 'W', shape: [2, 3], dtype: 'int8', trainable: true, quantization } as const;
  const values = Float32Array.of(1, -2, 0.5, 0, 3, -1);
  const matrix = integerMatrix(values, [2, 3], { ...parameter, read: async () => values });

  test('rounds the floats over ± their greatest magnitude', () => {
    // 127 / 2 a unit: 2 → 127, −1 → −63.5, away from 0: −64; 0.25 → 15.875 → 16
    const sums = Float32Array.of(10, 20);
    hybridProduct(matrix, false)(Float32Array.of(2, -1, 0.25), sums);
    const scale = (2 / 127) * 0.5;
    const expected = [10 + (2 * 127 + 4 * 64 + 16) * scale, 20 + (-6 * 64 - 2 * 16) * scale];
    for (const [i, sum] of sums.entries())
      assert.ok(Math.abs(sum - expected[i]) < 1e-5, `${sum}, ${expected[i]}`);
  });

  test('rounds them between their least and greatest where it is asymmetric, and leaves zeros alone', () => {
    // From −1 to 2: 85 a unit
    const sums = Float32Array.of(0, 0);
    hybridProduct(matrix, true)(Float32Array.of(2, -1, 0.25), sums);
    const scale = (3 / 255) * 0.5;
    const expected = [(2 * 170 + 4 * 85 + 21) * scale, (-6 * 85 - 2 * 21) * scale];
    for (const [i, sum] of sums.entries())
      assert.ok(Math.abs(sum - expected[i]) < 1e-5, `${sum}, ${expected[i]}`);
    const none = Float32Array.of(1, 2);
    hybridProduct(matrix, true)(new Float32Array(3), none);
    assert.deepEqual([...none], [1, 2]);
  });
});
