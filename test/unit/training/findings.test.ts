import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createSession } from '../../../extension/engine/createSession.ts';
import { recurrentWeights } from '../../../extension/engine/ops/recurrentWeights.ts';
import {
  type RecurrentProblem,
  recurrentForward,
  recurrentGates,
} from '../../../extension/engine/reference/recurrent.ts';
import { type CellKind, scalarActivation } from '../../../extension/engine/reference/recurrentCells.ts';
import { readWeight } from '../../../extension/engine/weight.ts';
import type { Graph, RecurrentNode } from '../../../extension/model/graph.ts';
import type { Tensor } from '../../../extension/model/tensor.ts';
import type { Cell } from '../../../extension/protocol/report.ts';
import type { GateFindings } from '../../../extension/protocol/sensitivity.ts';
import { findingsOf } from '../../../extension/training/findings/findings.ts';
import { gateGraph } from '../../../extension/training/findings/gateGraph.ts';
import { type MemoryLayer, memoryLayer } from '../../support/memoryModel.ts';
import { randomFloats, seeded } from '../../support/random.ts';

function nodeOf(layer: MemoryLayer, options: Partial<RecurrentNode> = {}): RecurrentNode {
  return {
    op: layer.cell,
    inputs: ['x'],
    outputs: ['all', 'last'],
    origin: layer.name,
    layer,
    gateActivation: { op: 'Sigmoid' },
    activation: { op: 'Tanh' },
    ...options,
  };
}

const cells: [kind: CellKind, cell: Cell, options: Partial<RecurrentNode>][] = [
  ['LSTM', 'LSTM', {}],
  ['LSTM', 'LSTM', { gateActivation: { op: 'HardSigmoid', alpha: 0.2, beta: 0.5 } }],
  ['GRU', 'GRU', {}],
  ['resetAfter', 'GRU', { linearBeforeReset: true }],
  ['RNN', 'RNN', { activation: { op: 'Relu' } }],
];

describe('the gates of a layer, from its inputs and outputs', () => {
  for (const [kind, cell, options] of cells) {
    for (const biases of [0, 1, 2]) {
      test(`are those of the plain recurrence: ${kind} ${JSON.stringify(options)}, ${biases} biases`, async () => {
        const [batch, steps, inputs, units] = [3, 4, 2, 5];
        const next = seeded(5);
        const layer = memoryLayer({ cell, inputSize: inputs, hiddenSize: units, biases }, next);
        layer.kernel.mask = Uint8Array.from(layer.kernel.values, () => (next() < 0.3 ? 0 : 1));
        const node = nodeOf(layer, options);
        const [kernel, recurrent, inputBias, recurrentBias] = await Promise.all(
          recurrentWeights(layer).map(readWeight),
        );
        const [gate, activation] = [node.gateActivation, node.activation].map((one) =>
          'alpha' in one ? scalarActivation(one.op, one.alpha, one.beta) : scalarActivation(one.op),
        );
        assert.ok(gate && activation);
        const x = randomFloats(batch * steps * inputs, next);
        const sizes = { batch, steps, inputs, units };
        const weights = { kernel, recurrent, inputBias, recurrentBias };
        const problem: RecurrentProblem = { kind, gate, activation, ...sizes, x, ...weights };
        const expected = recurrentGates(problem);
        const { sequence } = recurrentForward(problem);
        const before = new Float32Array(batch * steps * units);
        for (let row = 0; row < batch * steps; row++) {
          if (row % steps > 0) before.set(sequence.subarray((row - 1) * units, row * units), row * units);
        }
        const session = await createSession(gateGraph(node));
        const outputs = await session.forward([
          { shape: [batch * steps, inputs], data: x },
          { shape: [batch * steps, units], data: before },
        ]);
        await session.dispose();
        assert.equal(outputs.length, layer.gates.length);
        for (const [g, { data }] of outputs.entries()) {
          for (const [i, value] of data.entries()) {
            const [row, u] = [Math.floor(i / units), i % units];
            const meant = expected[(row * layer.gates.length + g) * units + u];
            assert.ok(
              Math.abs(value - meant) < 1e-5,
              `${layer.gates[g].name} ${row} ${u}: ${value}, not ${meant}`,
            );
          }
        }
      });
    }
  }
});

test('gates that are clipped or coupled are followed through that', async () => {
  const next = seeded(6);
  const layer = memoryLayer({ inputSize: 2, hiddenSize: 3, projection: 4 }, next);
  const session = await createSession(gateGraph(nodeOf(layer, { clip: 0.2, inputForget: true })));
  const rows = (width: number) => ({ shape: [5, width], data: randomFloats(5 * width, next) });
  const [x, h] = [rows(2), rows(4)];
  const [i, f, c] = await session.forward([x, h]);
  await session.dispose();
  for (const [at, value] of f.data.entries()) assert.ok(Math.abs(value + i.data[at] - 1) < 1e-6);
  const expected = Array.from({ length: 15 }, (_, at) => {
    const [row, u] = [Math.floor(at / 3), at % 3];
    const from = (array: Float32Array, width: number, values: ArrayLike<number>) =>
      Array.from({ length: width }, (_, k) => values[row * width + k] * array[k * 12 + 6 + u]);
    const terms = [...from(layer.kernel.values, 2, x.data), ...from(layer.recurrent.values, 4, h.data)];
    const sum = terms.reduce((a, b) => a + b, layer.bias?.values[6 + u] ?? 0);
    return Math.tanh(Math.min(0.2, Math.max(-0.2, sum)));
  });
  for (const [at, value] of expected.entries()) assert.ok(Math.abs(c.data[at] - value) < 1e-6, `${at}`);
});

/** Of a graph that ends in the layer, by these inputs. */
async function found(layer: MemoryLayer, inputs: readonly Tensor[], options: Partial<RecurrentNode> = {}) {
  const mask = options.mask === undefined ? [] : [options.mask];
  const graph: Graph = {
    inputs: [
      { name: 'x', shape: [null, null, layer.inputSize], dtype: 'float32' },
      ...mask.map((name) => ({ name, shape: [null, null], dtype: 'float32' as const })),
    ],
    nodes: [nodeOf(layer, options)],
    outputs: [{ name: 'last' }],
  };
  const lone = memoryLayer({ name: 'lone', inputSize: 1, hiddenSize: 1 }, () => 0);
  const session = await createSession(graph);
  try {
    return await findingsOf({ session, graph, layers: [layer, lone], inputs }, {});
  } finally {
    await session.dispose();
  }
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

function assertGate(
  gate: GateFindings,
  name: string,
  constants: readonly [unit: number, value: number][],
): void {
  assert.equal(gate.gate, name);
  assert.deepEqual(
    gate.constantUnits,
    constants.map(([unit]) => unit),
    name,
  );
  for (const [i, [, value]] of constants.entries())
    assert.ok(
      Math.abs(gate.constantValues[i] - value) < 1e-5,
      `${name}: ${gate.constantValues[i]}, not ${value}`,
    );
}

describe('what data tells of hidden units', () => {
  // One input; two units that read nothing but it: the weight of each gate and unit, and its bias.
  const layer = memoryLayer({ name: 'lstm', inputSize: 1, hiddenSize: 2 }, () => 0);
  for (const array of [layer.kernel, layer.recurrent, layer.bias]) array?.values.fill(0);
  const set = (gate: number, unit: number, weight: number, bias: number) => {
    layer.kernel.values[gate * 2 + unit] = weight;
    layer.bias?.values.set([bias], gate * 2 + unit);
  };
  // i: always open in unit 0, by the input in unit 1. f: shut. c: dead in unit 0. o: around a half in unit 0; in unit 1 a half at
  // first and then open, by its own state.
  set(0, 0, 0, 10);
  set(0, 1, 8, 0);
  set(1, 0, 0, -10);
  set(1, 1, 0, -10);
  set(2, 1, 1, 0);
  set(3, 0, 0.2, 0);
  layer.recurrent.values[1 * 8 + 3 * 2 + 1] = 1000;
  const x = { shape: [2, 2, 1], data: Float32Array.of(1, -1, 1, 1) };

  test('a unit is dead whose output never reaches the limit', async () => {
    const { layers, samples } = await found(layer, [x]);
    assert.deepEqual(
      layers.map(({ layer, deadUnits }) => [layer, deadUnits]),
      [['lstm', [0]]],
    );
    assert.equal(samples, 2);
  });

  test('a gate is constant in the units in which it does not vary, with the value that a bias could take', async () => {
    const [{ gates }] = (await found(layer, [x])).layers;
    assertGate(gates[0], 'i', [[0, sigmoid(10)]]);
    assertGate(gates[1], 'f', [
      [0, sigmoid(-10)],
      [1, sigmoid(-10)],
    ]);
    assertGate(gates[2], 'c', [[0, 0]]);
    assertGate(gates[3], 'o', []);
  });

  test('a gate is saturated as often as it is shut or open', async () => {
    const [{ gates }] = (await found(layer, [x])).layers;
    // Unit 1 is open at three steps of four and shut at one.
    assert.deepEqual(gates[0].saturation, { low: 1 / 8, high: 7 / 8, units: [0, 1] });
    assert.deepEqual(gates[1].saturation, { low: 1, high: 0, units: [0, 1] });
    assert.equal(gates[2].saturation, undefined);
    assert.deepEqual(gates[3].saturation, { low: 0, high: 2 / 8, units: [] });
  });

  test('masked steps tell nothing', async () => {
    const mask = { shape: [2, 2], data: Float32Array.of(1, 0, 1, 1) };
    const [{ gates }] = (await found(layer, [x, mask], { mask: 'mask' })).layers;
    assert.deepEqual(gates[0].saturation, { low: 0, high: 1, units: [0, 1] });
    assert.deepEqual(gates[0].constantUnits, [0, 1]);
  });

  test('gates that are no shares from 0 to 1 are not saturated', async () => {
    const [{ gates }] = (await found(layer, [x], { gateActivation: { op: 'Relu' } })).layers;
    assert.ok(gates.every(({ saturation }) => saturation === undefined));
  });
});
