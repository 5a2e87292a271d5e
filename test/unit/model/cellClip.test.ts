// A clip of the cell state goes only where no state can reach it, or where it is told.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canBeClipped, withoutCellClips } from '../../../extension/model/cellClip.ts';
import type { Activation, GraphNode } from '../../../extension/model/graph.ts';
import { memoryLayer } from '../../support/memoryModel.ts';

const sigmoid: Activation = { op: 'Sigmoid' };
const tanh: Activation = { op: 'Tanh' };

test('a state that grows by 1 a step at most is clipped only after more steps than the clip', () => {
  const node = { activation: tanh, gateActivation: sigmoid, cellClip: 10 };
  assert.deepEqual(
    [1, 10, 11, Infinity].map((steps) => canBeClipped(node, steps)),
    [false, false, true, true],
  );
  assert.equal(canBeClipped({ activation: tanh, gateActivation: sigmoid }, Infinity), false);
});

test('a state whose candidate or gates have no bound may be clipped at once', () => {
  for (const [activation, gateActivation] of [
    [{ op: 'Relu' }, sigmoid],
    [{ op: 'Clip', alpha: 0, beta: 6 }, sigmoid],
    [tanh, { op: 'Relu' }],
    [tanh, { op: 'Affine', alpha: 2 }],
  ] as const)
    assert.equal(canBeClipped({ activation, gateActivation, cellClip: 10 }, 1), true);
});

test('clips are left out where states grow slowly, and stay where they do not', () => {
  const layer = memoryLayer({ inputSize: 3, hiddenSize: 4 }, () => 0.5);
  const lstm = (activation: Activation): GraphNode => ({
    op: 'LSTM',
    layer,
    inputs: ['x'],
    outputs: [activation.op],
    origin: activation.op,
    activation,
    gateActivation: sigmoid,
    cellClip: 10,
  });
  const { graph, clipped } = withoutCellClips({
    inputs: [{ name: 'x', shape: [null, null, 3], dtype: 'float32' }],
    nodes: [lstm(tanh), lstm({ op: 'Relu' })],
    outputs: [{ name: 'Tanh' }, { name: 'Relu' }],
  });
  assert.deepEqual(
    clipped.map(({ origin }) => origin),
    ['Tanh'],
  );
  assert.deepEqual(
    graph.nodes.map((node) => 'cellClip' in node),
    [false, true],
  );
});
