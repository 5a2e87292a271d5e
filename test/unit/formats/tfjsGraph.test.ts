import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { openModel, probeModel } from '../../../extension/formats/open.ts';
import { gathered } from '../../../extension/model/gateView.ts';
import { node, smallGraphModel } from '../../support/tfjsGraph.ts';
import { floatWeights, type TfjsModel, type TfjsWeight, writeTfjs } from '../../support/tfjsModel.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { withModel } from './open.ts';

const folder = mkdtempSync(join(tmpdir(), 'lstm-pruner-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const write = (model: TfjsModel) => writeTfjs(join(folder, String(count++)), model);

/** Column `at` of a row-major matrix, of some of its rows. */
function column({ shape: [, width], bytes }: TfjsWeight, at: number, from: number, to: number): number[] {
  const values = new Float32Array(Uint8Array.from(bytes).buffer);
  return Array.from({ length: to - from }, (_, i) => values[(from + i) * width + at]);
}

/** A loop of TensorFlow 1 by its operations, with the constants of its cells. */
function loop(weights: readonly TfjsWeight[], operations: readonly object[]): TfjsModel {
  const constants = weights.flatMap(({ name }) => [
    node('Const', name),
    node('Identity', `${name}/read`, [name]),
    node('Enter', `enter/${name}`, [`${name}/read`]),
  ]);
  return {
    topology: { node: [...constants, ...operations] },
    groups: [weights],
    about: { format: 'graph-model' },
  };
}

describe('graph models of TensorFlow.js', () => {
  test('have the LSTM that a loop computes by weights that it is given', async () => {
    const model = smallGraphModel();
    const [kernel, recurrent, bias] = model.groups[0];
    await withModel(write(model), async ({ layers, notEvaluable, graph }) => {
      assert.deepEqual([graph, notEvaluable?.code], [undefined, 'graphUnsupported']);
      const [lstm] = layers;
      assert.deepEqual([layers.length, lstm.name, lstm.cell], [1, 'lstm', 'LSTM']);
      assert.deepEqual([lstm.inputSize, lstm.hiddenSize, lstm.zeroPreserving], [3, 5, true]);
      for (const [g, gate] of lstm.gates.entries()) {
        const rows = gathered(gate.kernel, await gate.kernel.parameter.read());
        assert.deepEqual([...rows.subarray(0, 3)], column(kernel, 5 * g, 0, 3));
        const own = gathered(gate.recurrent, await gate.recurrent.parameter.read());
        assert.deepEqual([...own.subarray(0, 5)], column(recurrent, 5 * g, 0, 5));
        assert.deepEqual([gate.biases.length, gate.biases[0].parameter.name], [1, bias.name]);
      }
    });
  });

  test('have the LSTM of TensorFlow 1, whose one matrix holds the gates i, c, f, o below input and state', async () => {
    const weight = floatWeights(2);
    const kernel = weight('rnn/basic_lstm_cell/kernel', 8, 20);
    const bias = weight('rnn/basic_lstm_cell/bias', 20);
    const cell = 'rnn/while/rnn/basic_lstm_cell';
    const model = loop(
      [kernel, bias],
      [
        node('ConcatV2', `${cell}/concat`, ['x', 'h', 'axis']),
        node('MatMul', `${cell}/MatMul`, [`${cell}/concat`, `enter/${kernel.name}`]),
        node('BiasAdd', `${cell}/BiasAdd`, [`${cell}/MatMul`, `enter/${bias.name}`]),
        node('Split', `${cell}/split`, ['axis', `${cell}/BiasAdd`]),
      ],
    );
    await withModel(write(model), async ({ layers: [lstm] }) => {
      assert.deepEqual(
        [lstm.name, lstm.cell, lstm.inputSize, lstm.hiddenSize],
        ['basic_lstm_cell', 'LSTM', 3, 5],
      );
      const stored = ['i', 'c', 'f', 'o'];
      for (const { name, kernel: own, recurrent, biases } of lstm.gates) {
        const first = 5 * stored.indexOf(name);
        const values = await own.parameter.read();
        assert.deepEqual([...gathered(own, values).subarray(0, 3)], column(kernel, first, 0, 3), name);
        assert.deepEqual([...gathered(recurrent, values).subarray(0, 5)], column(kernel, first, 3, 8), name);
        assert.equal(biases[0].offset, first);
      }
    });
  });

  test('have the GRU of TensorFlow 1, whose gates r and z share a matrix and whose candidate has its own', async () => {
    const weight = floatWeights(4);
    const gates = weight('rnn/gru_cell/gates/kernel', 7, 8);
    const candidate = weight('rnn/gru_cell/candidate/kernel', 7, 4);
    const cell = 'rnn/while/gru_cell';
    const model = loop(
      [gates, candidate],
      [
        node('ConcatV2', `${cell}/concat`, ['x', 'h', 'axis']),
        node('ConcatV2', `${cell}/concat_1`, ['x', 'rh', 'axis']),
        node('MatMul', `${cell}/MatMul_1`, [`${cell}/concat_1`, `enter/${candidate.name}`]),
        node('MatMul', `${cell}/MatMul`, [`${cell}/concat`, `enter/${gates.name}`]),
      ],
    );
    await withModel(write(model), async ({ layers: [gru] }) => {
      assert.deepEqual([gru.cell, gru.inputSize, gru.hiddenSize], ['GRU', 3, 4]);
      const places = { z: [gates, 4], r: [gates, 0], h: [candidate, 0] } as const;
      for (const { name, kernel, recurrent } of gru.gates) {
        const [matrix, first] = places[name as keyof typeof places];
        const values = await kernel.parameter.read();
        assert.deepEqual([...gathered(kernel, values).subarray(0, 3)], column(matrix, first, 0, 3), name);
        assert.deepEqual([...gathered(recurrent, values).subarray(0, 4)], column(matrix, first, 3, 7), name);
      }
    });
  });

  test('have no recurrent layer in products that are not added, or outside of loops', async () => {
    const weight = floatWeights(5);
    const weights = [weight('a', 3, 20), weight('b', 5, 20)];
    const apart = loop(weights, [
      node('MatMul', 'while/one/MatMul', ['x', 'enter/a']),
      node('MatMul', 'while/one/MatMul_1', ['y', 'enter/b']),
    ]);
    const outside = loop(weights, [
      node('MatMul', 'dense/MatMul', ['x', 'enter/a']),
      node('MatMul', 'dense/MatMul_1', ['y', 'enter/b']),
      node('AddV2', 'dense/add', ['dense/MatMul', 'dense/MatMul_1']),
    ]);
    for (const model of [apart, outside])
      await assertRefuses(() => probeModel(write(model)), 'noRecurrentLayers', 'MatMul');
  });

  test('whose functions call themselves, or whose values lead in a circle, come to an end', async () => {
    const model = smallGraphModel();
    const call = node('PartitionedCall', 'again', ['x'], { f: { func: { name: 'f' } } });
    const body = {
      signature: { name: 'f', inputArg: [{ name: 'x' }] },
      nodeDef: [call, node('PartitionedCall', 'twice', ['x'], { f: { func: { name: 'f' } } })],
    };
    const circle = [
      node('Identity', 'a', ['b']),
      node('Identity', 'b', ['a']),
      node('MatMul', 'while/c/MatMul', ['x', 'a']),
    ];
    const topology = { node: [call, ...circle], library: { function: [body] } };
    await assertRefuses(() => openModel(write({ ...model, topology })), 'noRecurrentLayers');
  });

  test('are not written smaller', async () => {
    await withModel(write(smallGraphModel()), async (model) => {
      await assertRefuses(() => model.checkRebuild('shrink'), 'shrinkUnsupported', 'operations');
      await assertRefuses(() => model.checkRebuild('compress'), 'compressUnsupported');
    });
  });
});
