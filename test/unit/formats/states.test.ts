// Layers that hand on their states, and layers that are made of cells.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecurrentNode } from '../../../extension/model/graph.ts';
import { writeKerasH5 } from '../../support/kerasFile.ts';
import { scratchFiles } from '../../support/scratch.ts';
import { arrays, type LayerJson, lowered, loweredModel, recurrent } from './lowered.ts';
import { weight, withModel } from './open.ts';

const write = scratchFiles();
const input = (name: string, ...shape: number[]) => ({
  class_name: 'InputLayer',
  name,
  config: { name, batch_input_shape: [null, ...shape] },
  inbound_nodes: [],
});
const masking: LayerJson = { class_name: 'Masking', config: { name: 'masking', mask_value: 0 } };

/** A functional model of Keras 2: an encoder whose states a decoder begins from. */
function encoderDecoder(states: number[] = [1, 2], options: Record<string, unknown> = {}) {
  const encoder = recurrent('LSTM', { name: 'encoder', return_state: true, ...options });
  const decoder = recurrent('LSTM', { name: 'decoder', return_sequences: false });
  const given = [['masked', 0, 0, {}], ...states.map((state) => ['encoder', 0, state, {}])];
  return {
    class_name: 'Model',
    config: {
      name: 'model',
      layers: [
        input('x', 4, 3),
        input('y', 5, 3),
        { ...masking, name: 'masked', inbound_nodes: [[['y', 0, 0, {}]]] },
        { ...encoder, name: 'encoder', inbound_nodes: [[['x', 0, 0, {}]]] },
        { ...decoder, name: 'decoder', inbound_nodes: [given] },
      ],
      input_layers: [
        ['x', 0, 0],
        ['y', 0, 0],
      ],
      output_layers: [['decoder', 0, 0]],
    },
  };
}
const both = { encoder: arrays('LSTM', 3, 'encoder'), decoder: arrays('LSTM', 3, 'decoder') };

test('a layer of Keras 2 begins from the states that are listed behind its sequence, and reads its mask', async () => {
  const { nodes } = await loweredModel(encoderDecoder(), both, '2.3.1');
  const [encoder, decoder] = nodes.filter(({ op }) => op === 'LSTM') as RecurrentNode[];
  assert.equal(encoder.outputs.length, 4);
  assert.deepEqual(decoder.inputs.slice(1), encoder.outputs.slice(2));
  assert.ok(decoder.mask);
  assert.equal(decoder.outputs.length, 2);
});

test('Keras 3 does not find the mask of a sequence that comes with states', async () => {
  const { nodes } = await loweredModel(encoderDecoder(), both, '3.0.0');
  const [, decoder] = nodes.filter(({ op }) => op === 'LSTM') as RecurrentNode[];
  assert.equal(decoder.mask, undefined);
});

test('states that are too few, or that a layer does not put out, are named', async () => {
  const few = await loweredModel(encoderDecoder([1]), both, '2.3.1');
  assert.equal(few.notEvaluable?.code, 'layerOptionUnsupported');
  assert.deepEqual(few.notEvaluable?.args.setting, { code: 'optionInitialState', args: {} });
  const none = await loweredModel(encoderDecoder([1, 2], { return_state: false }), both, '2.3.1');
  assert.equal(none.notEvaluable?.code, 'graphUnsupported');
});

test('a Sequential cannot hand on the states of a layer', async () => {
  const { notEvaluable } = await lowered([recurrent('LSTM', { return_state: true })], {
    rnn: arrays('LSTM', 3),
  });
  assert.equal(notEvaluable?.args.setting, 'return_state');
});

const cell = (type: string, config: Record<string, unknown>) => ({
  class_name: `${type}Cell`,
  config: { units: 2, activation: 'tanh', recurrent_activation: 'sigmoid', ...config },
});

function rnn(own: object, config: Record<string, unknown> = {}): LayerJson {
  return { class_name: 'RNN', config: { name: 'rnn', cell: own, return_sequences: true, ...config } };
}

const stack = (...cells: object[]) => ({ class_name: 'StackedRNNCells', config: { name: 'stack', cells } });
const stacked = stack(cell('LSTM', { name: 'low' }), cell('GRU', { name: 'high', reset_after: false }));
const stackedArrays = [...arrays('LSTM', 3, 's/rnn/stack/low'), ...arrays('GRU', 2, 's/rnn/stack/high')];

test('an RNN over a cell is the layer of that cell', async () => {
  const plain = await lowered([recurrent('LSTM')], { rnn: arrays('LSTM', 3) });
  const made = await lowered([rnn(cell('LSTM', { name: 'own' }))], { rnn: arrays('LSTM', 3) });
  const shape = (nodes: readonly object[]) =>
    JSON.stringify(nodes, (key, value) => (key === 'read' ? 0 : value));
  assert.equal(shape(made.nodes), shape(plain.nodes));
});

test('stacked cells are layers one after the other, of which each reads the mask and the last one zeros its outputs', async () => {
  const layers = [masking, rnn(stacked, { zero_output_for_mask: true, go_backwards: true })];
  const { nodes } = await lowered(layers, { rnn: stackedArrays });
  assert.deepEqual(
    nodes.map(({ op }) => op),
    ['NotEqualMask', 'ApplyMask', 'Reverse', 'Reverse', 'LSTM', 'GRU'],
  );
  const [low, high] = nodes.slice(-2) as RecurrentNode[];
  assert.deepEqual(high.inputs, [low.outputs[0]]);
  assert.ok(low.mask);
  assert.equal(high.mask, low.mask);
  assert.deepEqual([low.zeroMaskedOutput, high.zeroMaskedOutput], [undefined, true]);
});

test('each cell of a stack is a layer of its own name, with its own arrays', async () => {
  const path = await writeKerasH5(write('stacked.h5', ''), {
    config: {
      class_name: 'Sequential',
      config: { name: 's', layers: [rnn(stacked, { batch_input_shape: [null, 4, 3] })] },
    },
    kerasVersion: '2.3.1',
    layers: [{ name: 'rnn', weights: stackedArrays }],
  });
  const found = await withModel(path, ({ layers, parameters }) => ({
    layers: layers.map(({ name, cell: kind, inputSize, hiddenSize }) => [name, kind, inputSize, hiddenSize]),
    parameters: parameters.map(({ name }) => name),
  }));
  assert.deepEqual(found.layers, [
    ['rnn/low', 'LSTM', 3, 2],
    ['rnn/high', 'GRU', 2, 2],
  ]);
  assert.equal(found.parameters.length, 6);
  assert.equal(found.parameters[3], 'rnn/high/kernel');
});

const odd: [string, object, string][] = [
  ['a cell that is not known', { class_name: 'MyCell', config: { name: 'own' } }, 'MyCell'],
  [
    'a stack with such a cell',
    stack(cell('LSTM', { name: 'a' }), { class_name: 'MyCell', config: {} }),
    'MyCell',
  ],
  ['a stack inside a stack', stack(stack(cell('LSTM', { name: 'a' }))), 'StackedRNNCells'],
  ['an empty stack', stack(), 'StackedRNNCells'],
];
for (const [what, own, type] of odd) {
  test(`${what} is named, and nothing of it is computed`, async () => {
    const layers = [recurrent('LSTM', { name: 'first' }), rnn(own)];
    const found = await lowered(layers, {
      first: arrays('LSTM', 3, 'first'),
      rnn: [weight('rnn/kernel:0', 2, 8)],
    });
    assert.equal(found.notEvaluable?.code, 'layerUnsupported');
    assert.deepEqual(found.notEvaluable?.args, { layer: 'rnn', type });
  });
}

test('cells in another order of states, or over constants, are named', async () => {
  const turned = { ...stacked, config: { ...stacked.config, reverse_state_order: true } };
  for (const [option, layer] of [
    ['reverse_state_order', rnn(turned)],
    ['num_constants', rnn(cell('LSTM', { name: 'own' }), { num_constants: 1 })],
  ] as const) {
    const weights = { rnn: option === 'num_constants' ? arrays('LSTM', 3) : stackedArrays };
    assert.equal((await lowered([layer], weights)).notEvaluable?.args.setting, option);
  }
});
