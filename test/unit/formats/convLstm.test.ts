// Convolutional LSTMs: their filters are units, and the weights of each filter over the kernel are its inputs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gathered } from '../../../extension/model/gateView.ts';
import type { Model } from '../../../extension/model/model.ts';
import { type StoredWeight, writeKerasArchive, writeKerasH5 } from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { assertRefuses } from '../../support/throwsCode.ts';
import { weight, withModel } from './open.ts';

const write = scratchFiles();
const filters = 2;
const channels = 3;

/** Kernel [k…, C, 4F], recurrent kernel [k…, F, 4F] and bias of a layer over as many axes as the size has. */
function arraysOf(size: readonly number[]): StoredWeight[] {
  return [
    weight('c/kernel:0', ...size, channels, 4 * filters),
    weight('c/recurrent_kernel:0', ...size, filters, 4 * filters),
    weight('c/bias:0', 4 * filters),
  ];
}

function configOf(size: readonly number[]) {
  const config = {
    name: 'c',
    filters,
    kernel_size: size,
    activation: 'tanh',
    batch_input_shape: [null, 4, 5, 3],
  };
  const layer = { class_name: `ConvLSTM${size.length}D`, config };
  return { class_name: 'Sequential', config: { name: 's', layers: [layer] } };
}

/** Row f of a gate's matrix is, value by value, what kernel[…, c, g·F + f] has over the kernel and the channels. */
async function assertGates(
  { layers: [layer] }: Model,
  [kernel, recurrent]: readonly StoredWeight[],
): Promise<void> {
  for (const [g, gate] of layer.gates.entries()) {
    for (const [view, stored] of [
      [gate.kernel, kernel],
      [gate.recurrent, recurrent],
    ] as const) {
      const all = Float32Array.from(stored.values);
      const expected = Array.from({ length: filters }, (_, f) =>
        all.filter((_, i) => i % (4 * filters) === g * filters + f),
      );
      assert.deepEqual(
        [...gathered(view, await view.parameter.read())],
        expected.flatMap((row) => [...row]),
      );
    }
  }
}

for (const size of [[2], [2, 3], [2, 1, 3]]) {
  test(`the gates of a ConvLSTM${size.length}D are found in an .h5 and in a .keras file`, async () => {
    const weights = arraysOf(size);
    const config = configOf(size);
    const h5 = await writeKerasH5(write('c.h5', ''), { config, layers: [{ name: 'c', weights }] });
    const archive = await writeKerasArchive(write('c.keras', ''), {
      config,
      groups: [{ path: `layers/conv_lstm${size.length}d/cell`, weights }],
    });
    for (const path of [h5, archive]) {
      await withModel(path, async (model) => {
        const [{ name, cell, inputSize, hiddenSize }] = model.layers;
        const over = size.reduce((a, b) => a * b);
        assert.deepEqual([name, cell, inputSize, hiddenSize], ['c', 'LSTM', over * channels, filters]);
        await assertGates(model, weights);
        assert.equal(model.graph, undefined);
        assert.deepEqual(model.notEvaluable?.args, { layer: 'c', type: `ConvLSTM${size.length}D` });
      });
    }
  });
}

test('a recurrent kernel over other lengths than the kernel is refused', async () => {
  const [kernel] = arraysOf([2, 3]);
  const [, recurrent, bias] = arraysOf([3, 2]);
  const path = await writeKerasH5(write('wrong.h5', ''), {
    config: configOf([2, 3]),
    layers: [{ name: 'c', weights: [kernel, recurrent, bias] }],
  });
  await assertRefuses(() => withModel(path, () => {}), 'weightShape', 'recurrent_kernel', '[2, 3, 2, 8]');
});
