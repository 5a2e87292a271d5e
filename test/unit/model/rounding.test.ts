import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bfloat16Bits } from '../../../extension/model/bfloat16.ts';
import { halfToNumber, numberToHalf, roundToHalves } from '../../../extension/model/float16.ts';
import { roundHalfToEven } from '../../../extension/model/roundHalfToEven.ts';
import { roundTo } from '../../../extension/model/rounding.ts';
import { seeded } from '../../support/random.ts';

const float32 = (bits: number) => new Float32Array(Uint32Array.of(bits).buffer)[0];

test('every half float becomes the same half float again', () => {
  for (let bits = 0; bits <= 0xffff; bits++) {
    const value = halfToNumber(bits);
    if (Number.isNaN(value)) assert.ok(Number.isNaN(halfToNumber(numberToHalf(value))));
    else assert.equal(numberToHalf(value), bits);
  }
});

test('between two half floats the nearer one is taken, and the even one in the middle', () => {
  for (let bits = 0; bits < 0x7bff; bits++) {
    const [low, high] = [halfToNumber(bits), halfToNumber(bits + 1)];
    const middle = (low + high) / 2;
    const even = bits % 2 === 0 ? bits : bits + 1;
    assert.equal(numberToHalf(middle), even, `half way above ${low}`);
    assert.equal(numberToHalf(middle - (high - low) / 64), bits, `below the middle above ${low}`);
    assert.equal(
      numberToHalf(-middle - (high - low) / 64),
      0x8000 | (bits + 1),
      `beyond the middle below ${-low}`,
    );
  }
});

test('half floats end at 65504: from 65520 on there is infinity', () => {
  assert.equal(numberToHalf(65519.996), 0x7bff);
  assert.equal(numberToHalf(65520), 0x7c00);
  assert.equal(numberToHalf(-1e30), 0xfc00);
  assert.equal(numberToHalf(Number.NEGATIVE_INFINITY), 0xfc00);
});

test('a float32 becomes the nearest bfloat16, the even one in the middle', () => {
  const next = seeded(3);
  for (let i = 0; i < 20_000; i++) {
    const bits = Math.floor(next() * 2 ** 32);
    const value = float32(bits);
    if (!Number.isFinite(value)) continue;
    const low = float32((bits & 0xffff0000) >>> 0);
    const high = float32(((bits & 0xffff0000) + 0x10000) >>> 0);
    const rounded = float32((bfloat16Bits(bits) << 16) >>> 0);
    if (!Number.isFinite(high)) continue;
    const [below, above] = [Math.abs(value - low), Math.abs(high - value)];
    const wanted = below < above ? low : above < below ? high : (bits >>> 16) % 2 === 0 ? low : high;
    assert.ok(Object.is(rounded, wanted), `${value} became ${rounded}, not ${wanted}`);
  }
  assert.equal(bfloat16Bits(0x3f808000), 0x3f80, '1 + 2^-8 lies in the middle; 1 is even');
  assert.equal(bfloat16Bits(0x3f818000), 0x3f82);
  assert.equal(bfloat16Bits(0x7f7fffff), 0x7f80, 'the largest float32 is nearer to infinity');
  assert.ok(Number.isNaN(float32((bfloat16Bits(0x7f800001) << 16) >>> 0)), 'NaN stays NaN');
});

test('values come back from a file as its type holds them', () => {
  const values = Float32Array.of(0.1, -65504, 3e-8, 0);
  assert.deepEqual(
    [...roundTo(values, { dtype: 'float16', shape: [4] })],
    [0.0999755859375, -65504, 2 ** -24, 0],
  );
  assert.deepEqual(
    [...roundTo(values, { dtype: 'bfloat16', shape: [4] })].slice(0, 2),
    [0.10009765625, -65536],
  );
  for (const dtype of ['float32', 'float64'] as const) {
    const same = roundTo(values, { dtype, shape: [4] });
    assert.deepEqual(same, values);
    assert.notEqual(same, values);
  }
});

test('halves are rounded to the even neighbour, as Python does', () => {
  // python3 -c "print([round(v) for v in (…)])"
  const table: [number, number][] = [
    [0, 0],
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [3.5, 4],
    [4.5, 4],
    [0.1 + 0.2, 0],
    [0.49999999999999994, 0],
    [0.5000000000000001, 1],
    [2.4999999999999996, 2],
    [2.5000000000000004, 3],
    [0.7 * 5, 4],
    [0.35 * 10, 4],
    [0.29 * 50, 14],
    [0.15 * 10, 2],
    [1e15 + 0.5, 1e15],
    [4503599627370495.5, 4503599627370496],
    [4503599627370497, 4503599627370497],
    [9007199254740991, 9007199254740991],
  ];
  for (const [value, rounded] of table) assert.equal(roundHalfToEven(value), rounded, String(value));
});

test('values are rounded in place as one by one', () => {
  const bits = Uint32Array.from({ length: 200_000 }, (_, i) => Math.imul(i, 0x9e3779b1));
  const edges = [
    65504,
    65519.99,
    65520,
    2 ** -14,
    2 ** -24,
    2 ** -25,
    1.5 * 2 ** -24,
    1 + 2 ** -11,
    1 + 3 * 2 ** -11,
  ];
  const given = [
    ...new Float32Array(bits.buffer),
    ...edges,
    ...edges.map((value) => -value),
    Infinity,
    Number.NaN,
    -0,
  ];
  const values = Float32Array.from(given);
  const expected = values.map((value) => halfToNumber(numberToHalf(value)));
  assert.deepEqual([...roundToHalves(values)], [...expected]);
});
