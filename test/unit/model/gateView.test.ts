import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GateView, gather, scatter } from '../../../extension/model/gateView.ts';
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
