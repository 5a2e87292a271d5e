import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { recurrentModules } from '../../../extension/formats/stateDict/recurrentModules.ts';
import { gathered } from '../../../extension/model/gateView.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { recurrent, tensors } from './moduleTensors.ts';

describe('recurrent modules of a state dict', () => {
  test('are told by how many gates their rows make', () => {
    for (const [gates, cell] of [
      [4, 'LSTM'],
      [3, 'GRU'],
      [1, 'RNN'],
    ] as const) {
      const [module] = recurrentModules(tensors(recurrent('a.b', gates, [3, 2])), 'f');
      assert.equal(module.cell, cell);
      assert.equal(module.path, 'a.b');
      assert.deepEqual([module.layers[0][0].inputSize, module.layers[0][0].hiddenSize], [3, 2]);
    }
    assert.deepEqual(recurrentModules(tensors(recurrent('a', 2, [3, 2])), 'f'), []);
  });

  test('have the gates of PyTorch’s rows: i, f, g, o and r, z, n', () => {
    const firstRows = (gates: number) => {
      const [module] = recurrentModules(tensors(recurrent('a', gates, [3, 2])), 'f');
      return module.layers[0][0].gates.map(({ name, kernel, recurrent, biases }) => [
        name,
        gathered(kernel, kernel.parameter.name ? valuesOf(kernel.parameter) : new Float32Array())[0] / 6,
        gathered(recurrent, valuesOf(recurrent.parameter))[0] / 4,
        biases.map((bias) => gathered(bias, valuesOf(bias.parameter))[0] / 2),
      ]);
    };
    assert.deepEqual(firstRows(4), [
      ['i', 0, 0, [0, 0]],
      ['f', 1, 1, [1, 1]],
      ['c', 2, 2, [2, 2]],
      ['o', 3, 3, [3, 3]],
    ]);
    assert.deepEqual(firstRows(3), [
      ['z', 1, 1, [1, 1]],
      ['r', 0, 0, [0, 0]],
      ['h', 2, 2, [2, 2]],
    ]);
  });

  test('are named by layer and direction, cells by themselves', () => {
    const names = (shapes: Record<string, number[]>) =>
      recurrentModules(tensors(shapes), 'f').flatMap(({ layers }) =>
        layers.flat().flatMap((layer) => (layer ? [`${layer.name} ${layer.direction}`] : [])),
      );
    assert.deepEqual(names(recurrent('rnn', 4, [3, 2], ['_l1', '_l0_reverse', '_l0'])), [
      'rnn.l0 forward',
      'rnn.l0_reverse backward',
      'rnn.l1 forward',
    ]);
    assert.deepEqual(names(recurrent('cell', 3, [3, 2], [''])), ['cell forward']);
    const own = Object.entries(recurrent('x', 1, [3, 2])).map(([name, shape]) => [name.slice(2), shape]);
    assert.deepEqual(names(Object.fromEntries(own)), ['l0 forward']);
  });

  test('with a projection know their hidden size by it', () => {
    const shapes = { 'a.weight_ih_l0': [20, 3], 'a.weight_hh_l0': [20, 2], 'a.weight_hr_l0': [2, 5] };
    const [{ layers }] = recurrentModules(tensors(shapes), 'f');
    const [[layer]] = layers;
    assert.equal(layer.hiddenSize, 5);
    assert.deepEqual([layer.projection?.rows, layer.projection?.columns], [2, 5]);
    assert.deepEqual([layer.gates[0].recurrent.rows, layer.gates[0].recurrent.columns], [5, 2]);
  });

  test('whose tensors do not fit together are refused by name', async () => {
    const wrong = { ...recurrent('a', 4, [3, 2]), 'a.bias_hh_l0': [7] };
    await assertRefuses(
      () => recurrentModules(tensors(wrong), 'f'),
      'weightShape',
      'a.bias_hh_l0',
      '[8]',
      '[7]',
    );
    const other = { ...recurrent('a', 4, [3, 2]), 'a.weight_ih_l0': [9, 3] };
    await assertRefuses(() => recurrentModules(tensors(other), 'f'), 'weightShape', 'a.weight_ih_l0');
  });
});

function valuesOf(parameter: object): Float32Array {
  return (parameter as { values: Float32Array }).values;
}
