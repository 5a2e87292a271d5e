// Files that hold weights alone: which of their arrays are recurrent layers', by names and shapes.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { probeModel } from '../../../extension/formats/open.ts';
import type { Model } from '../../../extension/model/model.ts';
import { writeHdf5 } from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { smallLegacy } from '../../support/smallModels.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { weight, withModel } from './open.ts';
import { arrays, H, listed, numbered, tree } from './weightFiles.ts';

const write = scratchFiles();

/** name:cell:direction:I×H:biases of every layer. */
function layersOf({ layers }: Model): string[] {
  return layers.map(({ name, cell, direction, inputSize, hiddenSize, gates }) =>
    [name, cell, direction, `${inputSize}×${hiddenSize}`, gates[0].biases.length].join(' '),
  );
}

const layersIn = (path: string) => withModel(path, layersOf);
const namesIn = (path: string) => withModel(path, ({ parameters }) => parameters.map(({ name }) => name));

describe('layers that the file lists', () => {
  test('are told by the shapes of their arrays: four, three or one times as wide as high', async () => {
    const path = await listed([
      { name: 'l', weights: arrays('l/lstm_cell/', 4, 3, 4 * H) },
      { name: 'drop', weights: [] },
      { name: 'g', weights: arrays('g/gru_cell/', 3, 4, 3 * H) },
      { name: 'after', weights: arrays('after/', 3, 4, 2, 3 * H) },
      { name: 's', weights: arrays('s/', 1, 5, H) },
      { name: 'bare', weights: arrays('bare/', 4, H) },
      { name: 'dense', weights: [weight('dense/kernel:0', 2, 8), weight('dense/bias:0', 8)] },
    ]);
    assert.deepEqual(await layersIn(path), [
      'l LSTM forward 3×2 1',
      'g GRU forward 4×2 1',
      'after GRU forward 4×2 2',
      's RNN forward 5×2 1',
      'bare LSTM forward 2×2 0',
    ]);
    assert.deepEqual((await namesIn(path)).slice(-4), [
      'bare/kernel',
      'bare/recurrent_kernel',
      'dense/kernel',
      'dense/bias',
    ]);
  });

  test('of a Bidirectional and a nested model are told apart by name', async () => {
    const path = await listed([
      {
        name: 'bi',
        weights: [
          ...arrays('bi/forward_l/lstm_cell_1/', 4, 3, 8),
          ...arrays('bi/backward_l/lstm_cell_2/', 4, 3, 8),
        ],
      },
      {
        name: 'inner',
        weights: [...arrays('a/', 1, 4, H), weight('d/kernel:0', H, 3), ...arrays('b/gru_cell/', 3, 3, 2, 6)],
      },
    ]);
    assert.deepEqual(await layersIn(path), [
      'bi/forward LSTM forward 3×2 1',
      'bi/backward LSTM backward 3×2 1',
      'inner/a RNN forward 4×2 1',
      'inner/b GRU forward 3×2 2',
    ]);
    assert.ok((await namesIn(path)).includes('inner/d/kernel'));
  });

  test('keep names apart where the arrays do not', async () => {
    const twice = [...arrays('', 4, 3, 8), ...arrays('', 4, 2, 8)];
    const names = [
      'kernel:0',
      'recurrent_kernel:0',
      'bias:0',
      'kernel:0_1',
      'recurrent_kernel:0_1',
      'bias:0_1',
    ];
    const path = await listed([{ name: 'm', weights: twice.map((own, i) => ({ ...own, name: names[i] })) }]);
    assert.deepEqual(await layersIn(path), ['m LSTM forward 3×2 1', 'm_2 LSTM forward 2×2 1']);
  });

  for (const colon of [':0', '']) {
    test(`of Keras 1 have an array a gate${colon ? '' : ', by Theano names'}`, async () => {
      const separate = (prefix: string, gates: string, inputs: number) =>
        [...gates].flatMap((gate) => [
          weight(`${prefix}_W_${gate}${colon}`, inputs, H),
          weight(`${prefix}_U_${gate}${colon}`, H, H),
          weight(`${prefix}_b_${gate}${colon}`, H),
        ]);
      const path = await listed([
        { name: 'lstm_1', weights: separate('lstm_1', 'icfo', 3) },
        {
          name: 'both',
          weights: [...separate('forward_x', 'icfo', 2), ...separate('backward_x', 'icfo', 2)],
        },
        { name: 'gru_1', weights: separate('gru_1', 'zrh', 4) },
        {
          name: 'rnn_1',
          weights: [weight('rnn_1_W', 2, H), weight('rnn_1_U', H, H), weight('rnn_1_b', H)],
        },
      ]);
      assert.deepEqual(await layersIn(path), [
        'lstm_1 LSTM forward 3×2 1',
        'both/forward LSTM forward 2×2 1',
        'both/backward LSTM backward 2×2 1',
        'gru_1 GRU forward 4×2 1',
        'rnn_1 RNN forward 2×2 1',
      ]);
      await withModel(path, ({ layers: [layer] }) => {
        assert.deepEqual(
          layer.gates.map(({ kernel }) => kernel.parameter.name),
          ['i', 'f', 'c', 'o'].map((gate) => `lstm_1/lstm_1_W_${gate}`),
        );
      });
    });
  }

  test('over cuDNN are told by two biases in one vector, and shown in the order of Keras', async () => {
    const lstm = arrays('c/', 4, 3, 16);
    const path = await listed([
      { name: 'c', weights: lstm },
      { name: 'g', weights: arrays('g/', 3, 3, 12) },
    ]);
    assert.deepEqual(await layersIn(path), ['c LSTM forward 3×2 2', 'g GRU forward 3×2 2']);
    const { fromCudnn } = await import('../../../extension/formats/keras/cudnn.ts');
    const found = await withModel(path, ({ parameters }) => parameters[0].read());
    const kernel = Float32Array.from(lstm[0].values);
    assert.deepEqual(found, fromCudnn(kernel, { shape: [3, 8], gates: 4 }));
    assert.notDeepEqual(found, kernel);
  });

  test('are found below model_weights too, and in lists that are split', async () => {
    const { layers } = smallLegacy();
    for (const more of [{ weightsOnly: false, without: 'config' }, { layerNamesPerPart: 1 }] as const)
      assert.deepEqual(await layersIn(await listed(layers, more)), ['lstm LSTM forward 3×5 1']);
  });

  test('of a convolutional LSTM have a filter for a unit, and its weights for inputs', async () => {
    const path = await listed([
      {
        name: 'c',
        weights: [
          weight('c/kernel:0', 2, 3, 5, 4 * H),
          weight('c/recurrent_kernel:0', 2, 3, H, 4 * H),
          weight('c/bias:0', 4 * H),
        ],
      },
    ]);
    assert.deepEqual(await layersIn(path), ['c LSTM forward 30×2 1']);
  });
});

describe('layers of the tree of Keras 3', () => {
  test('are told by their shapes, and called as they call themselves', async () => {
    const path = await tree([
      { path: 'layers/lstm/cell', name: 'encoder', weights: numbered(4, 3, 8) },
      { path: 'layers/lstm_10/cell', weights: numbered(4, 3, 8) },
      { path: 'layers/lstm_2/cell', weights: numbered(4, 3, 8) },
      { path: 'layers/bidirectional/backward_layer/cell', weights: numbered(3, 3, 2, 6) },
      { path: 'layers/bidirectional/forward_layer/cell', weights: numbered(3, 3, 2, 6) },
      { path: 'layers/rnn/cell/cells/lstm_cell', weights: numbered(4, 3, 8) },
      { path: 'layers/sequential/layers/simple_rnn/cell', weights: numbered(1, 3, H) },
      { path: 'layers/dense', name: 'last', weights: [weight('', 2, 1), weight('', 1)] },
      { path: 'optimizer', weights: [...numbered(4, 3, 8), ...numbered(4, 3, 8)] },
    ]);
    assert.deepEqual(await layersIn(path), [
      'bidirectional/forward GRU forward 3×2 2',
      'bidirectional/backward GRU backward 3×2 2',
      'encoder LSTM forward 3×2 1',
      'lstm_2 LSTM forward 3×2 1',
      'lstm_10 LSTM forward 3×2 1',
      'rnn/lstm_cell LSTM forward 3×2 1',
      'sequential/simple_rnn RNN forward 3×2 1',
    ]);
    await withModel(path, ({ hasOptimizerState, parameters }) => {
      assert.ok(hasOptimizerState);
      assert.deepEqual(
        parameters.flatMap(({ name }) => (name.startsWith('last') ? [name] : [])),
        ['last/0', 'last/1'],
      );
    });
  });

  test('may be dependencies of layers, or have names with backslashes, as Keras 2.12 wrote them', async () => {
    const path = await tree([
      { path: '_layer_checkpoint_dependencies/lstm/cell', weights: numbered(4, 3, 8) },
      { path: '_layer_checkpoint_dependencies\\gru\\cell', weights: numbered(3, 3, 2, 6) },
      {
        path: '_layer_checkpoint_dependencies\\bidirectional\\backward_layer\\cell',
        weights: numbered(3, 3, 2, 6),
      },
    ]);
    assert.deepEqual(
      new Set(await layersIn(path)),
      new Set([
        'lstm LSTM forward 3×2 1',
        'gru GRU forward 3×2 2',
        'bidirectional/backward GRU backward 3×2 2',
      ]),
    );
  });

  test('may have arrays beside them that hold no weights', async () => {
    const path = await tree([{ path: 'layers/lstm/cell', weights: numbered(4, 3, 8) }]);
    const { loadLibrary, openFile } = await import('../../../extension/formats/hdf5/library.ts');
    const file = openFile(await loadLibrary(), path, 'a');
    const state = file.create_group('layers/lstm/seed').create_group('vars');
    state.create_dataset({ name: '0', data: new Int32Array(2), shape: [2] });
    state.create_dataset({ name: '1', data: ['words'], shape: [1] });
    file.close();
    assert.deepEqual(await namesIn(path), ['lstm/kernel', 'lstm/recurrent_kernel', 'lstm/bias']);
  });

  test('are not looked for where the file leads back to itself', async () => {
    const path = await tree([{ path: 'layers/lstm/cell', weights: numbered(4, 3, 8) }]);
    const { loadLibrary, openFile } = await import('../../../extension/formats/hdf5/library.ts');
    const file = openFile(await loadLibrary(), path, 'a');
    for (const name of ['again', 'more']) file.create_hard_link('/', name);
    file.close();
    await assertRefuses(() => layersIn(path), 'fileDamaged', 'tree.weights.h5');
  });
});

describe('arrays that only look like those of a recurrent layer are none', () => {
  const cases: [string, () => Promise<string>][] = [
    [
      'two matrices of dense layers in one group',
      () => listed([{ name: 'm', weights: [weight('a/kernel:0', 5, H), weight('b/kernel:0', H, H)] }]),
    ],
    [
      'two dense layers, the second four times as wide as high',
      () => listed([{ name: 'm', weights: [weight('a/kernel:0', 5, 8), weight('b/kernel:0', H, 8)] }]),
    ],
    [
      'a layer of somebody with two square matrices',
      () => tree([{ path: 'layers/mine', weights: numbered(1, H, H) }]),
    ],
    ['a cell of two gates', () => tree([{ path: 'layers/mgu/cell', weights: numbered(2, 3, 4) }])],
    [
      'matrices of other widths',
      () => tree([{ path: 'layers/x/cell', weights: [weight('', 3, 8), weight('', H, 6)] }]),
    ],
    [
      'arrays without values',
      () => tree([{ path: 'layers/x/cell', weights: [weight('', 3, 0), weight('', 0, 0)] }]),
    ],
  ];
  for (const [name, file] of cases) {
    test(name, async () => {
      await assertRefuses(async () => layersIn(await file()), 'noRecurrentLayers');
      await assertRefuses(async () => probeModel(await file()), 'noRecurrentLayers');
    });
  }

  test('those of a file that is none of Keras at all', async () => {
    const path = write('science.h5', '');
    await writeHdf5(path, (root) => {
      const group = root.create_group('measured');
      group.create_dataset({ name: 'a', data: new Float32Array(24), shape: [3, 8] });
      group.create_dataset({ name: 'b', data: new Float32Array(16), shape: [2, 8] });
    });
    await assertRefuses(() => layersIn(path), 'notAModel', 'science.h5', 'model.save()');
  });
});
