// Models of thousands of layers in a row, which must not overflow a stack.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrays, loweredModel, recurrent } from './lowered.ts';
import { call } from './overInputs.ts';

const long = 5000;
const versions = ['2.15.0', '3.15.0'];
const input = {
  class_name: 'InputLayer',
  name: 'x',
  config: { name: 'x', batch_input_shape: [null, 4, 3], dtype: 'float32' },
  inbound_nodes: [],
};

interface Read {
  readonly name: string;
  /** Layers that are read. */
  readonly from: readonly string[];
}

/** A functional model of an LSTM called rnn over x, and of layers of one class behind it, of which the last one is put out. */
function model(className: string, layers: readonly Read[], version: string) {
  const rnn = {
    ...recurrent('LSTM', { trainable: true }),
    name: 'rnn',
    inbound_nodes: [call([['x', 0, 0]], version)],
  };
  const behind = layers.map(({ name, from }) => ({
    class_name: className,
    name,
    config: { name, trainable: true, activation: 'tanh' },
    inbound_nodes: [
      call(
        from.map((one) => [one, 0, 0]),
        version,
      ),
    ],
  }));
  const config = {
    name: 'model',
    layers: [input, rnn, ...behind],
    input_layers: [['x', 0, 0]],
    output_layers: [[layers.at(-1)?.name, 0, 0]],
  };
  return loweredModel({ class_name: 'Functional', config }, { rnn: arrays('LSTM', 3) }, version);
}

const before = (i: number) => (i === 0 ? 'rnn' : `layer${i - 1}`);

for (const version of versions) {
  test(`${long} layers in a row have a graph, Keras ${version}`, async () => {
    const chain = Array.from({ length: long }, (_, i) => ({ name: `layer${i}`, from: [before(i)] }));
    const { nodes, notEvaluable } = await model('Activation', chain, version);
    assert.equal(notEvaluable, undefined);
    assert.equal(nodes.length, long + 1);
  });

  test(`ways that part and meet again are followed once, Keras ${version}`, async () => {
    const diamonds = Array.from({ length: long }, (_, i) => ({
      name: `layer${i}`,
      from: [before(i), before(i)],
    }));
    const { nodes, notEvaluable } = await model('Add', diamonds, version);
    assert.equal(notEvaluable, undefined);
    assert.equal(nodes.length, long + 1);
  });

  test(`a layer that reads what is made of its own output is named, Keras ${version}`, async () => {
    const circle = [
      { name: 'a', from: ['rnn', 'b'] },
      { name: 'b', from: ['rnn', 'a'] },
    ];
    const { notEvaluable } = await model('Add', circle, version);
    assert.deepEqual(notEvaluable, {
      code: 'graphUnsupported',
      args: {},
      cause: { code: 'reasonLayerCycle', args: { layer: 'b' } },
    });
  });
}

test(`${long} layers of a Sequential have a graph`, async () => {
  const first = { ...recurrent('LSTM', { batch_input_shape: [null, 4, 3] }) };
  const others = Array.from({ length: long }, (_, i) => ({
    class_name: 'Activation',
    config: { name: `layer${i}`, activation: 'tanh' },
  }));
  const config = { class_name: 'Sequential', config: { name: 's', layers: [first, ...others] } };
  const { nodes, notEvaluable } = await loweredModel(config, { rnn: arrays('LSTM', 3) }, '3.15.0');
  assert.equal(notEvaluable, undefined);
  assert.equal(nodes.length, long + 1);
});
