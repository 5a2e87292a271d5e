// Models within models: their masks, which Keras 3 does not see when it builds the model around them, and how many calls they come to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Message } from '../../../extension/protocol/messages.ts';
import { arrays, loweredModel, recurrent } from './lowered.ts';
import { call, kerasTensor } from './overInputs.ts';

const version = '3.15.0';
const read = (...names: string[]) =>
  call(
    names.map((name) => [name, 0, 0]),
    version,
  );
const input = {
  class_name: 'InputLayer',
  name: 'x',
  config: { name: 'x', batch_shape: [null, 4, 3], dtype: 'float32' },
  inbound_nodes: [],
};
const layer = (class_name: string, name: string, ...calls: readonly unknown[]) => ({
  class_name,
  name,
  config: { name, trainable: true, activation: 'tanh' },
  inbound_nodes: calls,
});
const rnn = { ...recurrent('LSTM', { trainable: true }), name: 'rnn', inbound_nodes: [read('masked')] };
const network = (name: string, layers: readonly object[], output: [string, number, number]) => ({
  class_name: 'Functional',
  name,
  config: { name, trainable: true, layers, input_layers: [['x', 0, 0]], output_layers: [output] },
});

/** A model of a masked LSTM, what a nested model makes of it, both side by side, and the mean over their steps. */
function joined(masks: Readonly<Record<string, unknown>>, last = 'GlobalAveragePooling1D') {
  const nested = network('nested', [input, layer('Activation', 'inside', read('x'))], ['inside', 0, 0]);
  const { args } = read('both') as { args: unknown[] };
  const layers = [
    input,
    layer('Masking', 'masked', read('x')),
    rnn,
    { ...nested, inbound_nodes: [read('rnn')] },
    layer('Concatenate', 'both', read('nested', 'rnn')),
    last === 'Functional'
      ? {
          ...network('mean', nested.config.layers, ['inside', 0, 0]),
          inbound_nodes: [{ args, kwargs: masks }],
        }
      : layer(last, 'mean', { args, kwargs: masks }),
  ];
  return loweredModel(network('model', layers, ['mean', 0, 0]), { rnn: arrays('LSTM', 3) }, version);
}

const meanOf = async (masks: Readonly<Record<string, unknown>>) => {
  const { nodes, notEvaluable } = await joined(masks);
  assert.equal(notEvaluable, undefined);
  const mean = nodes.find((node) => node.op === 'ReduceMean');
  assert.ok(mean?.op === 'ReduceMean');
  return mean;
};

test('a mask that was put together without that of a nested model is all ones: none', async () => {
  assert.equal((await meanOf({ mask: kerasTensor(['any', 0, 0]) })).mask, undefined);
});

test('a layer that finds its mask when the model runs finds that of a nested model, too', async () => {
  assert.notEqual((await meanOf({})).mask, undefined);
});

test('a nested model that is given such a mask is named', async () => {
  const { notEvaluable } = await joined({ mask: kerasTensor(['any', 0, 0]) }, 'Functional');
  const cause: Message = { code: 'reasonMaskUnseen', args: { layer: 'mean' } };
  assert.deepEqual(notEvaluable, { code: 'graphUnsupported', args: {}, cause });
});

test('models that call each other twice, so that their layers are called more often than any, are refused', async () => {
  let inner = network('level0', [input, layer('Activation', 'inside', read('x'))], ['inside', 0, 0]);
  for (let level = 1; level <= 60; level++) {
    const twice = { ...inner, inbound_nodes: [read('x'), read(`level${level - 1}`)] };
    inner = network(`level${level}`, [input, twice], [`level${level - 1}`, 1, 0]);
  }
  const layers = [input, { ...rnn, inbound_nodes: [read('x')] }, { ...inner, inbound_nodes: [read('rnn')] }];
  const model = network('model', layers, ['level60', 0, 0]);
  const { notEvaluable } = await loweredModel(model, { rnn: arrays('LSTM', 3) }, version);
  assert.equal(notEvaluable?.cause?.code, 'reasonManyCalls');
});
