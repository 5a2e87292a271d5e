import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LayerConfig } from '../../../extension/formats/keras/config.ts';
import { isRegularized } from '../../../extension/formats/keras/lower/regularizers.ts';
import { arrays, lowered, recurrent } from './lowered.ts';

const l2 = { class_name: 'L2', config: { l2: 0.01 } };

test('layers with penalties are named, as Keras adds these to the loss', async () => {
  const layer = recurrent('LSTM', { recurrent_regularizer: l2 });
  const { assumptions } = await lowered([layer], { rnn: arrays('LSTM', 3) });
  assert.deepEqual(assumptions, [{ code: 'noteRegularizers', args: { layers: 'rnn' } }]);
});

/** A layer of a configuration, as `isRegularized` gets it. */
function layer(className: string, config: Record<string, unknown>): LayerConfig {
  return { className, name: 'layer', config, calls: [], operation: false };
}

test('every way of Keras to write them counts, within wrappers and cells, too', () => {
  const own = { class_name: 'Own', config: {} };
  for (const regularizer of [l2, 'l1', own, { name: 'WeightRegularizer', l1: 0, l2: 0.5 }])
    assert.equal(isRegularized(layer('Dense', { bias_regularizer: regularizer })), true);
  const cell = { class_name: 'LSTMCell', config: { kernel_regularizer: l2 } };
  const cells = { class_name: 'StackedRNNCells', config: { cells: [cell] } };
  const rnn = { class_name: 'RNN', config: { cell: cells } };
  assert.equal(isRegularized(layer('Bidirectional', { layer: rnn })), true);
  assert.equal(isRegularized(layer('ActivityRegularization', { l1: 0, l2: 0.1 })), true);
});

test('no regularizer, or one without strength, is none', () => {
  const none = { class_name: 'L1L2', config: { l1: 0, l2: 0 } };
  assert.equal(isRegularized(layer('Dense', { kernel_regularizer: null, bias_regularizer: none })), false);
  assert.equal(isRegularized(layer('ActivityRegularization', { l1: 0, l2: 0 })), false);
});
