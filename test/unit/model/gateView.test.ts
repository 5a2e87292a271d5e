import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  forEachPlace,
  type GateView,
  gather,
  gathered,
  scatter,
  scatterZeros,
  wholeView,
} from '../../../extension/model/gateView.ts';
import { memoryParameter } from '../../support/memoryModel.ts';

const [inputs, hidden, gates] = [3, 2, 4];

/** A value that says where it belongs: gate, unit, input. */
const markOf = (g: number, unit: number, input: number) => 100 * g + 10 * unit + input;

function expected(g: number): number[] {
  const rows: number[] = [];
  for (let unit = 0; unit < hidden; unit++) {
    for (let input = 0; input < inputs; input++) rows.push(markOf(g, unit, input));
  }
  return rows;
}

/** The same gates in each layout that the formats know. */
const layouts: Record<
  string,
  { shape: number[]; values: number[]; view(g: number): Omit<GateView, 'parameter'> }
> = {
  // Keras: [in, 4H]
  'input by gate and unit': {
    shape: [inputs, gates * hidden],
    values: Array.from({ length: inputs * gates * hidden }, (_, i) => {
      const column = i % (gates * hidden);
      return markOf(Math.floor(column / hidden), column % hidden, Math.floor(i / (gates * hidden)));
    }),
    view: (g) => ({
      rows: hidden,
      columns: inputs,
      offset: g * hidden,
      rowStride: 1,
      columnStride: gates * hidden,
    }),
  },
  // PyTorch, ONNX: [4H, in]
  'gate and unit by input': {
    shape: [gates * hidden, inputs],
    values: Array.from({ length: inputs * gates * hidden }, (_, i) => {
      const row = Math.floor(i / inputs);
      return markOf(Math.floor(row / hidden), row % hidden, i % inputs);
    }),
    view: (g) => ({
      rows: hidden,
      columns: inputs,
      offset: g * hidden * inputs,
      rowStride: inputs,
      columnStride: 1,
    }),
  },
};

for (const [name, { shape, values, view }] of Object.entries(layouts)) {
  test(`${name}: every gate is gathered row by row`, () => {
    const parameter = memoryParameter('w', shape, values);
    for (let g = 0; g < gates; g++) {
      const target = new Float32Array(hidden * inputs);
      gather({ ...view(g), parameter }, parameter.values, target);
      assert.deepEqual([...target], expected(g));
    }
  });

  test(`${name}: scattering is the reverse, of weights and of masks, and touches nothing else`, () => {
    const parameter = memoryParameter('w', shape, values);
    for (let g = 0; g < gates; g++) {
      const full = { ...view(g), parameter };
      const weights = new Float32Array(values.length).fill(-1);
      scatter(full, Float32Array.from(expected(g)), weights);
      assert.deepEqual(
        [...weights],
        values.map((value) => (Math.floor(value / 100) === g ? value : -1)),
      );
      const mask = new Uint8Array(values.length).fill(1);
      scatter(full, new Uint8Array(hidden * inputs), mask);
      assert.deepEqual(
        [...mask],
        values.map((value) => (Math.floor(value / 100) === g ? 0 : 1)),
      );
    }
  });
}

test('gates in arrays of their own are gathered one behind the other', () => {
  const target = new Float32Array(gates * hidden * inputs);
  for (let g = 0; g < gates; g++) {
    // Keras 1: an array [in, H] a gate
    const values: number[] = [];
    for (let input = 0; input < inputs; input++) {
      for (let unit = 0; unit < hidden; unit++) values.push(markOf(g, unit, input));
    }
    const parameter = memoryParameter(`w_${g}`, [inputs, hidden], values);
    const view = { parameter, rows: hidden, columns: inputs, offset: 0, rowStride: 1, columnStride: hidden };
    gather(view, parameter.values, target, g * hidden * inputs);
  }
  assert.deepEqual([...target], [0, 1, 2, 3].flatMap(expected));
});

test('a part of a larger list is scattered', () => {
  const parameter = memoryParameter('w', [2, 2], [0, 0, 0, 0]);
  const view = { parameter, rows: 2, columns: 2, offset: 0, rowStride: 1, columnStride: 2 };
  const target = new Float32Array(4);
  scatter(view, Float32Array.of(9, 9, 1, 2, 3, 4, 9), target, 2);
  // Row 0 is unit 0: its inputs lie 2 apart.
  assert.deepEqual([...target], [1, 3, 2, 4]);
});

/** Larger than the blocks in which views are gone through, and no multiple of them. */
const [units, features] = [130, 75];
const large: Record<string, Pick<GateView, 'rowStride' | 'columnStride'>> = {
  'across the file’s rows': { rowStride: 1, columnStride: 3 * units },
  'along the file’s rows': { rowStride: features, columnStride: 1 },
};
for (const [name, strides] of Object.entries(large)) {
  const size = 3 * units * features;
  const parameter = memoryParameter(
    'w',
    [size],
    Array.from({ length: size }, (_, i) => i),
  );
  const offset = strides.rowStride === 1 ? units : units * features;
  const view: GateView = { parameter, rows: units, columns: features, offset, ...strides };
  const placeOf = (row: number, column: number) =>
    offset + row * strides.rowStride + column * strides.columnStride;
  const places = Array.from({ length: units * features }, (_, i) =>
    placeOf(Math.floor(i / features), i % features),
  );

  test(`a large gate ${name} is gathered and scattered value by value`, () => {
    assert.deepEqual([...gathered(view, parameter.values)], places);
    const target = new Float32Array(size).fill(-1);
    scatter(view, Float32Array.from(places), target);
    const own = new Set(places);
    assert.ok(target.every((value, i) => value === (own.has(i) ? i : -1)));
  });

  test(`a large gate ${name} loses what is not kept, and nothing comes back`, () => {
    const keep = Uint8Array.from({ length: places.length }, (_, i) => Number(i % 3 > 0));
    const mask = Uint8Array.from({ length: size }, (_, i) => Number(i % 5 > 0));
    const expected = mask.slice();
    for (const [i, place] of places.entries()) if (keep[i] === 0) expected[place] = 0;
    scatterZeros(view, keep, mask);
    assert.deepEqual(mask, expected);
  });

  test(`every place of a large gate ${name} is visited once, in blocks along memory`, () => {
    const visited: number[] = [];
    forEachPlace(view, (place) => visited.push(place));
    assert.deepEqual(
      visited.toSorted((a, b) => a - b),
      places.toSorted((a, b) => a - b),
    );
    const neighbours = visited.filter((place, i) => place === visited[i - 1] + 1);
    assert.ok(neighbours.length > 0.95 * visited.length);
  });
}

test('a whole kernel is a matrix with a row for each of what it computes, and a vector has one column', () => {
  const shapeOf = (shape: number[]) => {
    const { rows, columns, rowStride, columnStride } = wholeView(
      memoryParameter('w', shape, new Float32Array(shape.reduce((a, b) => a * b, 1))),
    );
    return [rows, columns, rowStride, columnStride];
  };
  assert.deepEqual(shapeOf([3, 5]), [5, 3, 1, 5]);
  assert.deepEqual(shapeOf([2, 3, 5]), [5, 6, 1, 5]);
  assert.deepEqual(shapeOf([4]), [4, 1, 1, 4]);
  assert.deepEqual(shapeOf([]), [1, 1, 1, 1]);
});
