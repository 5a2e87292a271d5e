import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LayerConfig } from '../../../extension/formats/keras/config.ts';
import {
  activityPenalty,
  hasUnknownPenalty,
  penaltyFrom,
  weightPenalty,
} from '../../../extension/formats/keras/regularizers.ts';
import { arrays, lowered, recurrent } from './lowered.ts';

const l2 = { class_name: 'L2', config: { l2: 0.01 } };
const own = { class_name: 'Own', config: {} };

test('the loss includes what regularizers add, and layers with others of an author’s own are named', async () => {
  const layer = (config: Record<string, unknown>) =>
    lowered([recurrent('LSTM', config)], { rnn: arrays('LSTM', 3) });
  const { assumptions } = await layer({ recurrent_regularizer: l2 });
  assert.deepEqual(assumptions, [{ code: 'notePenalties', args: { layers: 'rnn' } }]);
  const unknown = await layer({ recurrent_regularizer: own });
  assert.deepEqual(unknown.assumptions, [{ code: 'noteRegularizers', args: { layers: 'rnn' } }]);
  const frozen = await layer({ recurrent_regularizer: l2, trainable: false });
  assert.equal(frozen.assumptions, undefined, 'Keras takes weights that are not trained for free');
});

test('regularizers are read as each version of Keras writes them', () => {
  assert.deepEqual(penaltyFrom(l2), { l1: 0, l2: 0.01 });
  assert.deepEqual(penaltyFrom('l1'), { l1: 0.01, l2: 0 });
  assert.deepEqual(penaltyFrom({ name: 'WeightRegularizer', l1: 0, l2: 0.5 }), { l1: 0, l2: 0.5 });
  const orthogonal = { class_name: 'OrthogonalRegularizer', config: { factor: 0.3, mode: 'columns' } };
  assert.deepEqual(penaltyFrom(orthogonal), { orthogonal: 'columns', factor: 0.3 });
  for (const none of [null, undefined, { class_name: 'L1L2', config: { l1: 0, l2: 0 } }])
    assert.equal(penaltyFrom(none), undefined);
  for (const unknown of [own, 'mine', { ...l2, registered_name: 'mine>L2' }, { ...l2, config: { l2: -1 } }])
    assert.equal(penaltyFrom(unknown), 'unknown');
});

/** A layer of a configuration, as `hasUnknownPenalty` gets it. */
function layer(className: string, config: Record<string, unknown>): LayerConfig {
  return { className, name: 'layer', config, calls: [], operation: false };
}

test('each weight has the regularizer that its layer’s configuration names for it', () => {
  const l1 = { class_name: 'L1', config: { l1: 0.5 } };
  const byRole = (className: string, config: Record<string, unknown>, role: string) =>
    weightPenalty(layer(className, config), role);
  const lstm = { kernel_regularizer: l2, recurrent_regularizer: l1 };
  assert.deepEqual(byRole('LSTM', lstm, 'kernel'), { l1: 0, l2: 0.01 });
  assert.deepEqual(byRole('LSTM', lstm, 'recurrent_kernel'), { l1: 0.5, l2: 0 });
  assert.equal(byRole('LSTM', lstm, 'bias'), undefined);
  assert.deepEqual(byRole('MultiHeadAttention', { bias_regularizer: l1 }, 'query/bias'), { l1: 0.5, l2: 0 });
  const depthwise = { depthwise_regularizer: l1, kernel_regularizer: l2 };
  assert.deepEqual(byRole('DepthwiseConv1D', depthwise, 'kernel'), { l1: 0.5, l2: 0 });
  // Keras 1 keeps an array a gate.
  assert.deepEqual(byRole('LSTM', { U_regularizer: l1, W_regularizer: l2 }, 'lstm_1_U_f'), {
    l1: 0.5,
    l2: 0,
  });
});

test('of outputs strengths are those of the regularizer, or of a layer that does nothing else', () => {
  assert.deepEqual(activityPenalty(layer('LSTM', { activity_regularizer: l2 })), { l1: 0, l2: 0.01 });
  assert.deepEqual(activityPenalty(layer('ActivityRegularization', { l1: 0, l2: 0.1 })), { l1: 0, l2: 0.1 });
  assert.equal(activityPenalty(layer('ActivityRegularization', { l1: 0, l2: 0 })), undefined);
});

test('regularizers that are not known are found within wrappers and cells, too', () => {
  const cell = { class_name: 'LSTMCell', config: { kernel_regularizer: own } };
  const cells = { class_name: 'StackedRNNCells', config: { cells: [cell] } };
  const rnn = { class_name: 'RNN', config: { cell: cells } };
  assert.equal(hasUnknownPenalty(layer('Bidirectional', { layer: rnn })), true);
  assert.equal(hasUnknownPenalty(layer('MultiHeadAttention', { activity_regularizer: l2 })), true);
  assert.equal(hasUnknownPenalty(layer('Dense', { strange_regularizer: l2 })), true);
  assert.equal(
    hasUnknownPenalty(layer('Dense', { kernel_regularizer: l2, activity_regularizer: l2 })),
    false,
  );
});
