// Numbers of units and shapes in configurations of every Keras, by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseModelConfig } from '../../../extension/formats/keras/config.ts';
import { type ConfigChanges, shrinkConfig } from '../../../extension/formats/keras/shrinkConfig.ts';

type Shape = (number | null)[];

/**
 * The configuration without units.
 * @param shapes by the path of a layer: of what it puts out before and after
 * @param units by the path of a layer with weights
 */
function shrunk(
  config: object,
  shapes: Record<string, [before: Shape, after: Shape]>,
  units: Record<string, number> = {},
): unknown {
  const text = JSON.stringify(config);
  const changes: ConfigChanges = {
    shape: (network, { layer }) => {
      const [before, after] = shapes[network === '' ? layer : `${network}/${layer}`] ?? [];
      return before && after && { before, after };
    },
    units: (leaf) => units[leaf],
  };
  return JSON.parse(shrinkConfig(text, parseModelConfig(text, 'model.h5'), changes));
}

const sequential = (...layers: object[]) => ({ class_name: 'Sequential', config: { name: 's', layers } });
const layer = (type: string, name: string, config: object = {}, more: object = {}) => ({
  class_name: type,
  config: { name, ...config },
  ...more,
});
const input = layer('InputLayer', 'x', { batch_shape: [null, 4, 3] });
/** A tensor in a call of Keras 3. */
const tensor = (from: string, shape: Shape) => ({
  class_name: '__keras_tensor__',
  config: { shape, dtype: 'float32', keras_history: [from, 0, 0] },
});
const called = (...tensors: object[]) => ({
  inbound_nodes: [{ args: tensors.length === 1 ? tensors : [tensors], kwargs: {} }],
});

test('a layer says its new number of units, by the name of its Keras', () => {
  for (const [key, type] of [
    ['units', 'LSTM'],
    ['output_dim', 'GRU'],
  ]) {
    const model = (units: number) => sequential(input, layer(type, 'rnn', { [key]: units, dropout: 0.5 }));
    assert.deepEqual(shrunk(model(5), {}, { rnn: 3 }), model(3));
    assert.deepEqual(shrunk(model(5), {}, {}), model(5));
  }
});

test('Keras 1 and 2.1 list layers without more; layers of Keras 1 say the width of their input', () => {
  const model = (units: number) => ({
    class_name: 'Sequential',
    config: [
      layer('LSTM', 'a', { output_dim: units, input_dim: 3, batch_input_shape: [null, 4, 3] }),
      layer('LSTM', 'b', { output_dim: 2, input_dim: units }),
      layer('Embedding', 'e', { input_dim: 5, output_dim: 4 }),
    ],
  });
  const shapes: Record<string, [Shape, Shape]> = {
    a_input: [
      [null, 4, 3],
      [null, 4, 3],
    ],
    a: [
      [null, 4, 5],
      [null, 4, 3],
    ],
    b: [
      [null, 5],
      [null, 5],
    ],
  };
  assert.deepEqual(shrunk(model(5), shapes, { a: 3 }), model(3));
});

test('both directions have their own units, and what they were built for', () => {
  const model = (before: number, units: number, backward?: number) =>
    sequential(
      input,
      layer('LSTM', 'first', { units: before }),
      layer(
        'Bidirectional',
        'both',
        {
          layer: layer('LSTM', 'inner', { units }, { build_config: { input_shape: [null, 4, before] } }),
          ...(backward && { backward_layer: layer('LSTM', 'back', { units: backward }) }),
        },
        { build_config: { sequences_shape: [null, 4, before] } },
      ),
    );
  const shapes: Record<string, [Shape, Shape]> = {
    first: [
      [null, 4, 6],
      [null, 4, 2],
    ],
  };
  const units = { first: 2, 'both/forward': 4, 'both/backward': 4 };
  assert.deepEqual(shrunk(model(6, 5), shapes, units), model(2, 4));
  assert.deepEqual(shrunk(model(6, 5, 5), shapes, units), model(2, 4, 4));
});

test('a layer for each step was built for one step', () => {
  const model = (width: number, units: number) =>
    sequential(
      input,
      layer('LSTM', 'rnn', { units: width }),
      layer(
        'TimeDistributed',
        'steps',
        { layer: layer('Dense', 'dense', { units }, { build_config: { input_shape: [null, width] } }) },
        { build_config: { input_shape: [null, 4, width] } },
      ),
    );
  const shapes: Record<string, [Shape, Shape]> = {
    rnn: [
      [null, 4, 6],
      [null, 4, 2],
    ],
  };
  assert.deepEqual(shrunk(model(6, 9), shapes, { rnn: 2, steps: 7 }), model(2, 7));
});

test('of two inputs of one shape each is told by its place', () => {
  const model = (a: number, b: number) => ({
    class_name: 'Functional',
    config: {
      name: 'f',
      layers: [
        input,
        layer('LSTM', 'a', { units: a }, called(tensor('x', [null, 4, 3]))),
        layer('LSTM', 'b', { units: b }, called(tensor('x', [null, 4, 3]))),
        layer(
          'Concatenate',
          'c',
          {},
          {
            build_config: {
              input_shape: [
                [null, 4, a],
                [null, 4, b],
              ],
            },
            ...called(tensor('a', [null, 4, a]), tensor('b', [null, 4, b])),
          },
        ),
      ],
      input_layers: [['x', 0, 0]],
      output_layers: [['c', 0, 0]],
    },
  });
  const shapes = (a: number, b: number): Record<string, [Shape, Shape]> => ({
    a: [
      [null, 4, 5],
      [null, 4, a],
    ],
    b: [
      [null, 4, 5],
      [null, 4, b],
    ],
  });
  assert.deepEqual(shrunk(model(5, 5), shapes(5, 3), { b: 3 }), model(5, 3));
  assert.deepEqual(shrunk(model(5, 5), shapes(2, 3), { a: 2, b: 3 }), model(2, 3));
});

test('a nested model says the shape of what comes into it', () => {
  const nested = (width: number) => [
    layer('InputLayer', 'y', { batch_shape: [null, 4, width] }),
    layer('GRU', 'inner', { units: 7 }, { build_config: { input_shape: [null, 4, width] } }),
  ];
  const model = (width: number) =>
    sequential(
      input,
      layer('LSTM', 'rnn', { units: width }),
      layer(
        'Sequential',
        'reader',
        { layers: nested(width), build_input_shape: [null, 4, width] },
        {
          build_config: { input_shape: [null, 4, width] },
        },
      ),
    );
  const narrower: [Shape, Shape] = [
    [null, 4, 6],
    [null, 4, 2],
  ];
  assert.deepEqual(shrunk(model(6), { rnn: narrower, 'reader/y': narrower }, { rnn: 2 }), model(2));
});

test('a shape that is made says its new lengths, and leaves the open one open', () => {
  const model = (width: number, target: number[]) =>
    sequential(
      input,
      layer('LSTM', 'rnn', { units: width }),
      layer('Reshape', 'r', { target_shape: target }),
    );
  const shapes: Record<string, [Shape, Shape]> = {
    rnn: [
      [null, 6],
      [null, 2],
    ],
    r: [
      [null, 1, 6],
      [null, 1, 2],
    ],
  };
  assert.deepEqual(shrunk(model(6, [1, 6]), shapes, { rnn: 2 }), model(2, [1, 2]));
  assert.deepEqual(shrunk(model(6, [1, -1]), shapes, { rnn: 2 }), model(2, [1, -1]));
  const operation = (width: number) =>
    sequential(
      input,
      layer('LSTM', 'rnn', { units: width }),
      layer('Reshape', 'r', { newshape: [-1, 1, width] }),
    );
  assert.deepEqual(shrunk(operation(6), shapes, { rnn: 2 }), operation(2));
});

test('dropout that is one along the steps says the width that it drops from', () => {
  const model = (width: number) =>
    sequential(
      input,
      layer('LSTM', 'rnn', { units: width }),
      layer('Dropout', 'd', { rate: 0.5, noise_shape: [null, 1, width] }),
    );
  const shapes: Record<string, [Shape, Shape]> = {
    rnn: [
      [null, 4, 6],
      [null, 4, 2],
    ],
  };
  assert.deepEqual(shrunk(model(6), shapes, { rnn: 2 }), model(2));
});

test('numbers that are no shape of an input stay', () => {
  const config = sequential(
    input,
    layer('LSTM', 'rnn', { units: 6 }),
    layer(
      'Dense',
      'd',
      { units: 6, seeds: [4, 6] },
      { build_config: { input_shape: [null, 6], other: [null, 9] } },
    ),
  );
  const shapes: Record<string, [Shape, Shape]> = {
    rnn: [
      [null, 6],
      [null, 2],
    ],
  };
  const found = shrunk(config, shapes, { rnn: 2 }) as typeof config;
  const [, rnn, dense] = found.config.layers;
  assert.deepEqual(rnn, layer('LSTM', 'rnn', { units: 2 }));
  assert.deepEqual(
    dense,
    layer(
      'Dense',
      'd',
      { units: 6, seeds: [4, 6] },
      { build_config: { input_shape: [null, 2], other: [null, 9] } },
    ),
  );
});
