import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  kerasVersion,
  type Network,
  networkOf,
  parseModelConfig,
} from '../../../extension/formats/keras/config.ts';

function parsed(config: unknown) {
  return parseModelConfig(JSON.stringify(config), 'model.h5');
}

/** Every layer with where its calls get their inputs: `name(class) <- layer#call:output`. */
function shown({ layers, inputs, outputs }: Network) {
  const tensor = ({ layer, call, output }: Network['inputs'][number]) => `${layer}#${call}:${output}`;
  return {
    layers: layers.map(({ name, className, calls }) => {
      const from = calls.map((call) => [...call.inputs.map(tensor), ...call.keywords].join('+'));
      return `${name}(${className}) <- ${from.join(' | ')}`;
    }),
    inputs: inputs.map(tensor),
    outputs: outputs.map(tensor),
  };
}

const lstm = { class_name: 'LSTM', config: { name: 'lstm_1', units: 4, batch_input_shape: [null, 7, 3] } };

const dense = { class_name: 'Dense', config: { name: 'dense_1', units: 1 } };

const chain = {
  layers: [
    'lstm_1_input(InputLayer) <- ',
    'lstm_1(LSTM) <- lstm_1_input#0:0',
    'dense_1(Dense) <- lstm_1#0:0',
  ],
  inputs: ['lstm_1_input#0:0'],
  outputs: ['dense_1#0:0'],
};

test('Keras 2.1 lists the layers of a Sequential model bare', () => {
  const network = networkOf(parsed({ class_name: 'Sequential', config: [lstm, dense] }));
  assert.deepEqual(shown(network), chain);
  assert.deepEqual(network.layers[0].config.batch_shape, [null, 7, 3]);
});

test('later ones name the model beside its layers', () => {
  const config = { name: 'sequential', layers: [lstm, dense] };
  assert.deepEqual(shown(networkOf(parsed({ class_name: 'Sequential', config }))), chain);
});

test('an input layer that is written is not added again', () => {
  const input = { class_name: 'InputLayer', config: { name: 'given', batch_shape: [null, 7, 3] } };
  const model = parsed({ class_name: 'Sequential', config: { layers: [input, lstm] } });
  assert.deepEqual(shown(networkOf(model)).layers, ['given(InputLayer) <- ', 'lstm_1(LSTM) <- given#0:0']);
});

test('Keras 1 says the input by dimensions, and the width of a layer by output_dim', () => {
  const config = { name: 'lstm_1', output_dim: 4, input_dim: 3, input_length: 7 };
  const model = parsed({ class_name: 'Sequential', config: [{ class_name: 'LSTM', config }] });
  assert.deepEqual(networkOf(model).layers[0].config.batch_shape, [null, 7, 3]);
  assert.deepEqual(kerasVersion(undefined, model), { text: '1', major: 1 });
});

test('an embedding takes ids, so its input has no features', () => {
  const config = { name: 'e', input_dim: 50, output_dim: 8, input_length: null, mask_zero: false };
  const model = parsed({ class_name: 'Sequential', config: [{ class_name: 'Embedding', config }, dense] });
  assert.deepEqual(networkOf(model).layers[0].config, { batch_shape: [null, null], dtype: 'int32' });
  // output_dim of an embedding says nothing about the version.
  assert.deepEqual(kerasVersion(undefined, model), { text: '2', major: 2 });
});

test('a version in the file decides by its major number', () => {
  const model = parsed({ class_name: 'Sequential', config: [dense] });
  const majors = ['1.2.2', '2.0.5', '2.4.0', '3.0.0', '3.15.0', '10.1'].map(
    (text) => kerasVersion(text, model).major,
  );
  assert.deepEqual(majors, [1, 2, 2, 3, 3, 3]);
});

const tensor = (layer: string, output = 0) => ({
  class_name: '__keras_tensor__',
  config: { shape: [null, 3], dtype: 'float32', keras_history: [layer, 0, output] },
});

const layer = (name: string, className: string, nodes: unknown) => ({
  class_name: className,
  name,
  config: { name },
  inbound_nodes: nodes,
});

const joined = {
  layers: ['a(InputLayer) <- ', 'b(InputLayer) <- ', 'c(Concatenate) <- a#0:0+b#0:0', 'd(Dense) <- c#0:0'],
  inputs: ['a#0:0', 'b#0:0'],
  outputs: ['d#0:0'],
};

test('functional models of Keras 2 list [layer, call, output, keywords]', () => {
  const config = {
    name: 'model',
    layers: [
      layer('a', 'InputLayer', []),
      layer('b', 'InputLayer', []),
      layer('c', 'Concatenate', [
        [
          ['a', 0, 0, {}],
          ['b', 0, 0, {}],
        ],
      ]),
      layer('d', 'Dense', [[['c', 0, 0, {}]]]),
    ],
    input_layers: [
      ['a', 0, 0],
      ['b', 0, 0],
    ],
    output_layers: [['d', 0, 0]],
  };
  for (const className of ['Model', 'Functional']) {
    assert.deepEqual(shown(networkOf(parsed({ class_name: className, config }))), joined);
  }
});

test('functional models of Keras 3 have tensors in args, and may list one output without a list', () => {
  const config = {
    name: 'functional',
    layers: [
      layer('a', 'InputLayer', []),
      layer('b', 'InputLayer', []),
      layer('c', 'Concatenate', [{ args: [[tensor('a'), tensor('b')]], kwargs: {} }]),
      layer('d', 'Dense', [{ args: [tensor('c')], kwargs: {} }]),
    ],
    input_layers: [
      ['a', 0, 0],
      ['b', 0, 0],
    ],
    output_layers: ['d', 0, 0],
  };
  assert.deepEqual(shown(networkOf(parsed({ class_name: 'Functional', config }))), joined);
});

test('dicts are taken in the order of their keys, lists in lists one after the other', () => {
  const config = {
    layers: ['a', 'b', 'c'].map((name) => layer(name, 'InputLayer', [])),
    input_layers: { z: ['a', 0, 0], '\u{1F600}': ['b', 0, 0], '\uFFFD': ['c', 0, 0] },
    output_layers: [['a', 0, 0], [{ y: [['b', 0, 0]], x: ['c', 0, 0] }]],
  };
  const { inputs, outputs } = networkOf(parsed({ class_name: 'Functional', config }));
  assert.deepEqual(
    inputs.map(({ key, layer }) => `${key}: ${layer}`),
    ['z: a', '\uFFFD: c', '\u{1F600}: b'],
  );
  assert.deepEqual(
    outputs.map(({ layer }) => layer),
    ['a', 'c', 'b'],
  );
});

test('a nested model of Keras 2 has its first call left out, which is counted', () => {
  const empty = { name: 'inner', layers: [], input_layers: [], output_layers: [] };
  const nodes = [[['x', 0, 0, {}]], { b: ['inner', 1, 0, {}] }];
  const config = {
    layers: [layer('x', 'InputLayer', []), { ...layer('inner', 'Functional', nodes), config: empty }],
    input_layers: [['x', 0, 0]],
    output_layers: [['inner', 2, 0]],
  };
  const network = shown(networkOf(parsed({ class_name: 'Functional', config })));
  assert.equal(network.layers[1], 'inner(Functional) <- x#0:0 | inner#0:0');
  assert.deepEqual(network.outputs, ['inner#1:0']);
});

test('a shared layer has a call for each use', () => {
  const config = {
    layers: [
      layer('a', 'InputLayer', []),
      layer('b', 'InputLayer', []),
      layer('s', 'LSTM', [
        { args: [tensor('a')], kwargs: {} },
        { args: [tensor('b')], kwargs: {} },
      ]),
    ],
    input_layers: [
      ['a', 0, 0],
      ['b', 0, 0],
    ],
    output_layers: [
      ['s', 0, 0],
      ['s', 1, 0],
    ],
  };
  const network = shown(networkOf(parsed({ class_name: 'Functional', config })));
  assert.equal(network.layers[2], 's(LSTM) <- a#0:0 | b#0:0');
  assert.deepEqual(network.outputs, ['s#0:0', 's#1:0']);
});

test('tensors given by keyword are named, but an initial state stands behind the sequence, and masks are only marked', () => {
  const config = {
    layers: [
      layer('x', 'InputLayer', []),
      layer('old', 'LSTM', [[['x', 0, 0, { initial_state: [['h', 0, 0]] }]]]),
      layer('new', 'LSTM', [
        {
          args: [tensor('x')],
          kwargs: { mask: tensor('m'), initial_state: [tensor('h'), tensor('c')], training: false },
        },
      ]),
      layer('odd', 'RNN', [{ args: [tensor('x')], kwargs: { constants: tensor('k'), mask: null } }]),
    ],
    input_layers: [['x', 0, 0]],
    output_layers: [['new', 0, 0]],
  };
  const found = networkOf(parsed({ class_name: 'Functional', config }));
  assert.deepEqual(shown(found).layers.slice(1), [
    'old(LSTM) <- x#0:0+initial_state',
    'new(LSTM) <- x#0:0+h#0:0+c#0:0',
    'odd(RNN) <- x#0:0+constants',
  ]);
  assert.deepEqual(
    found.layers.slice(2).map(({ calls }) => calls[0].masks?.length),
    [1, 0],
  );
});

test('an operation of Keras 3 is told from a layer', () => {
  const model = parsed({
    class_name: 'Sequential',
    config: {
      layers: [
        { ...dense, module: 'keras.layers' },
        { class_name: 'NotEqual', module: 'keras.src.ops.numpy', config: { name: 'not_equal' } },
      ],
    },
  });
  assert.deepEqual(
    networkOf(model).layers.map(({ operation }) => operation),
    [false, false, true],
  );
});
