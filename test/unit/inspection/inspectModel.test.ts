import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspectModel } from '../../../extension/inspection/inspectModel.ts';
import type { GateView } from '../../../extension/model/gateView.ts';
import type { Model } from '../../../extension/model/model.ts';
import type { RecurrentLayer } from '../../../extension/model/recurrentLayer.ts';
import type { Cell } from '../../../extension/protocol/report.ts';
import {
  at,
  type MemoryLayer,
  type MemoryParameter,
  memoryLayer,
  memoryParameter,
} from '../../support/memoryModel.ts';
import { seeded } from '../../support/random.ts';

function modelOf(layers: readonly RecurrentLayer[], parameters: Model['parameters'] = []): Model {
  return {
    path: 'memory',
    format: 'memory',
    bytes: 123,
    parameters,
    layers,
    hasOptimizerState: false,
    save: async () => {},
    checkRebuild: async () => {},
    close: async () => {},
  };
}

async function inspected(layer: RecurrentLayer) {
  return (await inspectModel(modelOf([layer]))).layers[0];
}

function values(layer: MemoryLayer, matrix: 'kernel' | 'recurrent', g: number): number[] {
  const columns = matrix === 'kernel' ? layer.inputSize : layer.hiddenSize;
  const all: number[] = [];
  for (let unit = 0; unit < layer.hiddenSize; unit++)
    for (let input = 0; input < columns; input++) all.push(at(layer[matrix].values, layer, g, unit, input));
  return all;
}

/** Sets a unit's candidate row, in kernel, recurrent kernel and bias, to 0. */
function kill(layer: MemoryLayer, g: number, unit: number): void {
  const width = layer.gates.length * layer.hiddenSize;
  for (const array of [layer.kernel, layer.recurrent, layer.bias]) {
    if (!array) continue;
    for (let i = g * layer.hiddenSize + unit; i < array.values.length; i += width) array.values[i] = 0;
  }
}

test('every gate has the figures of a plain loop over its weights', async () => {
  const next = seeded(7);
  const layer = memoryLayer({ inputSize: 5, hiddenSize: 7 }, next);
  for (const array of [layer.kernel.values, layer.recurrent.values]) {
    for (let i = 0; i < array.length; i++) {
      const kind = next();
      if (kind < 0.2) array[i] = 0;
      else if (kind < 0.3) array[i] = -0;
      else if (kind < 0.5) array[i] *= 1e-3;
    }
  }
  const report = await inspected(layer);
  for (const matrix of ['kernel', 'recurrent'] as const) {
    const whole = layer.gates.flatMap((_, g) => values(layer, matrix, g));
    const mean = whole.reduce((sum, value) => sum + Math.abs(value), 0) / whole.length;
    for (const [g, { name }] of layer.gates.entries()) {
      const own = values(layer, matrix, g);
      const zeros = own.filter((value) => value === 0).length;
      const found = report.gates[name]?.[matrix];
      assert.ok(found);
      const { meanAbs, ...exact } = found;
      assert.deepEqual(exact, {
        size: own.length,
        zeros,
        sparsity: zeros / own.length,
        maxAbs: Math.max(...own.map(Math.abs)),
        nearZero: own.filter((value) => Math.abs(value) < 0.1 * mean).length,
      });
      const sum = own.reduce((total, value) => total + Math.abs(value), 0);
      assert.ok(Math.abs(meanAbs - sum / own.length) < 1e-12);
    }
  }
});

test('sparsity of a layer and of the model counts kernels and recurrent kernels, no bias', async () => {
  const next = seeded(8);
  const [a, b] = [
    memoryLayer({ name: 'a', inputSize: 2, hiddenSize: 3 }, next),
    memoryLayer({ name: 'b', cell: 'GRU', inputSize: 3, hiddenSize: 2 }, next),
  ];
  a.kernel.values.fill(0);
  a.bias?.values.fill(0);
  b.recurrent.values[5] = 0;
  const report = await inspectModel(modelOf([a, b], [a.kernel, a.recurrent, b.kernel]));
  // a: kernel 2 × 12, recurrent 3 × 12; b: 3 × 6 and 2 × 6
  assert.equal(report.layers[0].sparsity, 24 / 60);
  assert.equal(report.layers[1].sparsity, 1 / 30);
  assert.equal(report.sparsity, 25 / 90);
  assert.equal(report.parameters, 24 + 36 + 18);
  assert.equal(report.bytes, 123);
});

test('negative zero is a zero', async () => {
  const layer = memoryLayer({ cell: 'RNN', inputSize: 1, hiddenSize: 2 }, seeded(1));
  layer.kernel.values.set([-0, 0.5]);
  const { gates } = await inspected(layer);
  assert.equal(gates.h?.kernel.zeros, 1);
  assert.equal(gates.h?.kernel.maxAbs, 0.5);
});

test('a value is near zero below a tenth of the mean magnitude, to the last bit; what is not a number is the largest', async () => {
  const layer = memoryLayer({ cell: 'RNN', inputSize: 7, hiddenSize: 1 }, seeded(1));
  // The mean magnitude of seven values is 10 / 7, which no float32 is; the floats around a tenth of it differ in the last bit.
  const limit = Math.fround(1 / 7);
  const [below, above] = limit < 1 / 7 ? [limit, limit + 2 ** -26] : [limit - 2 ** -26, limit];
  const rest = 10 - below - above;
  layer.kernel.values.set([-below, above, 0, rest, 0, 0, 0]);
  const { gates } = await inspected(layer);
  assert.equal(gates.h?.kernel.nearZero, 5);
  assert.equal(gates.h?.kernel.maxAbs, Math.fround(rest));
  layer.kernel.values.set([0, Number.NaN, -2, Number.POSITIVE_INFINITY, 1, 0, 0]);
  const odd = (await inspected(layer)).gates.h?.kernel;
  assert.deepEqual([odd?.maxAbs, odd?.nearZero, odd?.zeros], [Number.NaN, 3, 3]);
});

test('two bias vectors are reported as their sum', async () => {
  const layer = memoryLayer({ cell: 'GRU', inputSize: 1, hiddenSize: 2, biases: 2 }, seeded(1));
  // Gates z, r, h; two units each; input biases, then recurrent biases.
  layer.bias?.values.set([1, -1, 0.5, 0, 2, 0, /* */ 3, 1, -0.5, 0, 0, -4]);
  const { gates } = await inspected(layer);
  assert.deepEqual(
    (['z', 'r', 'h'] as const).map((name) => {
      const bias = gates[name]?.bias;
      return [bias?.size, bias?.zeros, bias?.meanAbs, bias?.maxAbs];
    }),
    [
      [2, 1, 2, 4],
      [2, 2, 0, 0],
      [2, 0, 3, 4],
    ],
  );
});

test('a layer without bias reports none', async () => {
  const layer = memoryLayer({ inputSize: 1, hiddenSize: 1, biases: 0 }, seeded(1));
  const { gates } = await inspected(layer);
  assert.ok(gates.i && !('bias' in gates.i));
});

for (const [cell, candidate] of [
  ['LSTM', 2],
  ['GRU', 2],
  ['RNN', 0],
] as [Cell, number][]) {
  test(`${cell}: a unit whose candidate is all zeros is dead, one whose gates are is not`, async () => {
    const layer = memoryLayer({ cell, inputSize: 3, hiddenSize: 5 }, seeded(3));
    kill(layer, candidate, 1);
    kill(layer, candidate, 4);
    if (cell !== 'RNN') kill(layer, 0, 2);
    assert.deepEqual((await inspected(layer)).deadUnits, [1, 4]);
  });

  test(`${cell}: one weight or one bias that is not zero keeps a unit alive`, async () => {
    const layer = memoryLayer(
      { cell, inputSize: 3, hiddenSize: 3, biases: cell === 'GRU' ? 2 : 1 },
      seeded(4),
    );
    for (let unit = 0; unit < 3; unit++) kill(layer, candidate, unit);
    const width = layer.gates.length * 3;
    assert.deepEqual((await inspected(layer)).deadUnits, [0, 1, 2]);
    layer.kernel.values[2 * width + candidate * 3] = 1e-30;
    layer.recurrent.values[candidate * 3 + 1] = -1;
    assert.ok(layer.bias);
    layer.bias.values[layer.bias.values.length - width + candidate * 3 + 2] = 0.1;
    assert.deepEqual((await inspected(layer)).deadUnits, []);
  });

  test(`${cell}: no unit is dead where the activation of 0 is not 0`, async () => {
    const layer = memoryLayer({ cell, inputSize: 3, hiddenSize: 2, zeroPreserving: false }, seeded(5));
    kill(layer, candidate, 0);
    assert.deepEqual((await inspected(layer)).deadUnits, []);
  });
}

test('arrays are read once each and matrix by matrix, also where two matrices lie in one', async () => {
  const layer = memoryLayer({ inputSize: 2, hiddenSize: 3, peepholes: true, projection: 4 }, seeded(1));
  const reads: string[] = [];
  for (const parameter of [layer.kernel, layer.recurrent, layer.bias, ...layer.further]) {
    if (!parameter) continue;
    const { read } = parameter;
    parameter.read = () => {
      reads.push(parameter.name.slice('layer/'.length));
      return read();
    };
  }
  await inspected(layer);
  assert.deepEqual(reads, ['kernel', 'recurrent_kernel', 'projection', 'bias', 'peephole']);
  reads.length = 0;
  const gates = layer.gates.map((gate) => ({ ...gate, recurrent: gate.kernel }));
  const { projection: _, ...plain } = layer;
  const report = await inspected({ ...plain, gates });
  assert.deepEqual(reads, ['kernel', 'bias', 'peephole']);
  assert.deepEqual(report.gates.o?.recurrent, report.gates.o?.kernel);
});

test('dead units are found in matrices that are kept [out, in], too', async () => {
  const layer = memoryLayer({ inputSize: 3, hiddenSize: 4 }, seeded(6));
  kill(layer, 2, 0);
  kill(layer, 2, 3);
  const turned = ({ parameter, rows, columns, offset }: GateView): GateView => {
    const values = new Float32Array(4 * rows * columns);
    const own = (parameter as MemoryParameter).values;
    for (let row = 0; row < 4 * rows; row++)
      for (let column = 0; column < columns; column++)
        values[row * columns + column] = own[column * 4 * rows + row];
    const kept = memoryParameter(parameter.name, [4 * rows, columns], values);
    return { parameter: kept, rows, columns, offset: offset * columns, rowStride: columns, columnStride: 1 };
  };
  const gates = layer.gates.map(({ kernel, recurrent, ...gate }) => {
    return { ...gate, kernel: turned(kernel), recurrent: turned(recurrent) };
  });
  const plain = await inspected(layer);
  assert.deepEqual(plain.deadUnits, [0, 3]);
  assert.deepEqual(await inspected({ ...layer, gates }), plain);
});

test('inspecting stops before the next layer when its step throws', async () => {
  const layer = memoryLayer({ inputSize: 1, hiddenSize: 1 }, seeded(1));
  let steps = 0;
  const step = () => {
    if (++steps === 2) throw new Error('enough');
  };
  await assert.rejects(inspectModel(modelOf([layer, layer, layer]), step), /enough/);
  assert.equal(steps, 2);
});
