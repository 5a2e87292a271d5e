import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRecurrent } from '../../../extension/model/graph.ts';
import { arrays, type LayerJson, lowered, operators, recurrent } from './lowered.ts';
import { weight } from './open.ts';

for (const className of ['LSTM', 'GRU', 'SimpleRNN']) {
  test(`${className} gives its sequence or its last output`, async () => {
    const rnn = { rnn: arrays(className, 3) };
    for (const [returnSequences, at] of [
      [true, 0],
      [false, 1],
    ] as const) {
      const { nodes } = await lowered(
        [
          recurrent(className, { return_sequences: returnSequences }),
          { class_name: 'Activation', config: { name: 'a', activation: 'relu' } },
        ],
        rnn,
      );
      assert.equal(nodes.length, 2);
      assert.equal(nodes[1].inputs[0], nodes[0].outputs[at]);
    }
  });

  test(`${className} backwards reads its steps, and their mask, in reverse`, async () => {
    const { nodes } = await lowered(
      [
        { class_name: 'Masking', config: { name: 'm', mask_value: 0.5 } },
        recurrent(className, { go_backwards: true }),
      ],
      { rnn: arrays(className, 3) },
    );
    assert.deepEqual(
      nodes.map(({ op }) => op),
      ['NotEqualMask', 'ApplyMask', 'Reverse', 'Reverse', className === 'SimpleRNN' ? 'RNN' : className],
    );
    const [masking, masked, reversedMask, reversed, rnn] = nodes;
    assert.ok(masking.op === 'NotEqualMask' && masking.value === 0.5);
    assert.equal(reversedMask.inputs[0], masking.outputs[0]);
    assert.equal(reversed.inputs[0], masked.outputs[0]);
    assert.equal(rnn.inputs[0], reversed.outputs[0]);
    assert.ok('mask' in rnn && rnn.mask === reversedMask.outputs[0]);
  });
}

test('hard_sigmoid is the one of the Keras that wrote the file', async () => {
  const layers = [recurrent('LSTM', { recurrent_activation: 'hard_sigmoid' })];
  const alphas: unknown[] = [];
  for (const version of ['2.3.1', '3.15.0']) {
    const { nodes } = await lowered(layers, { rnn: arrays('LSTM', 3) }, version);
    alphas.push('gateActivation' in nodes[0] && nodes[0].gateActivation);
  }
  assert.deepEqual(alphas, [
    { op: 'HardSigmoid', alpha: 0.2, beta: 0.5 },
    { op: 'HardSigmoid', alpha: 1 / 6, beta: 0.5 },
  ]);
});

test('activations are read in every spelling, and missing ones are the identity', async () => {
  for (const [value, op] of [
    ['relu', 'Relu'],
    [{ class_name: 'function', config: 'relu' }, 'Relu'],
    [null, 'Identity'],
    ['linear', 'Identity'],
    [{ module: 'builtins', class_name: 'function', config: 'silu' }, 'Swish'],
  ] as const) {
    const { nodes } = await lowered([recurrent('LSTM', { activation: value ?? 'linear' })], {
      rnn: arrays('LSTM', 3),
    });
    assert.ok('activation' in nodes[0] && nodes[0].activation.op === op, String(op));
  }
});

test('a mask travels through layers that keep the steps and ends at Flatten', async () => {
  const masking = { class_name: 'Masking', config: { name: 'm' } };
  const dense = {
    class_name: 'TimeDistributed',
    config: { name: 'td', layer: { class_name: 'Dense', config: { name: 'd', units: 2 } } },
  };
  const weights = { rnn: arrays('LSTM', 3), td: [weight('td/kernel:0', 2, 2), weight('td/bias:0', 2)] };
  const dropout = { class_name: 'Dropout', config: { name: 'drop', rate: 0.5 } };
  const through = await lowered([masking, recurrent('LSTM'), dropout, dense], weights);
  assert.equal(through.mask, through.nodes[0].outputs[0]);
  const ended = await lowered(
    [masking, recurrent('LSTM'), { class_name: 'Flatten', config: { name: 'f' } }],
    weights,
  );
  assert.equal(ended.mask, undefined);
});

const drops: [string, LayerJson, object][] = [
  ['Dropout', { class_name: 'Dropout', config: { name: 'd', rate: 0.25 } }, { rate: 0.25 }],
  ['Dropout of Keras 1', { class_name: 'Dropout', config: { name: 'd', p: 0.25 } }, { rate: 0.25 }],
  [
    'Dropout with one choice for all steps',
    { class_name: 'Dropout', config: { name: 'd', rate: 0.5, noise_shape: [null, 1, 2] } },
    { rate: 0.5, sharedAxes: [1] },
  ],
  [
    'SpatialDropout1D',
    { class_name: 'SpatialDropout1D', config: { name: 'd', rate: 0.5 } },
    { rate: 0.5, sharedAxes: [1] },
  ],
];
for (const [name, layer, expected] of drops) {
  test(`${name} drops while training as the file says`, async () => {
    const { nodes } = await lowered([recurrent('GRU'), layer], { rnn: arrays('GRU', 3) });
    const { op, inputs, outputs, origin, ...rest } = nodes[1];
    assert.deepEqual([op, rest], ['Dropout', expected]);
    assert.deepEqual([inputs, origin], [[nodes[0].outputs[0]], 'd']);
  });
}

test('recurrent layers keep their two dropouts, by every name', async () => {
  for (const names of [
    ['dropout', 'recurrent_dropout'],
    ['dropout_W', 'dropout_U'],
  ]) {
    for (const className of ['LSTM', 'GRU', 'SimpleRNN']) {
      const config = { [names[0]]: 0.25, [names[1]]: 0.5 };
      const { nodes } = await lowered([recurrent(className, config)], { rnn: arrays(className, 3) });
      const [node] = nodes;
      assert.ok('layer' in node);
      assert.deepEqual([node.dropout, node.recurrentDropout], [0.25, 0.5]);
    }
  }
  const { nodes } = await lowered([recurrent('LSTM', { dropout: 0, recurrent_dropout: 0 })], {
    rnn: arrays('LSTM', 3),
  });
  assert.ok(!('dropout' in nodes[0]) && !('recurrentDropout' in nodes[0]));
});

test('a dropout that is no share leaves the model without a graph', async () => {
  for (const layer of [recurrent('LSTM', { dropout: 2 }), recurrent('LSTM', { recurrent_dropout: 'much' })]) {
    const { notEvaluable } = await lowered([layer], { rnn: arrays('LSTM', 3) });
    assert.equal(notEvaluable?.code, 'layerOptionUnsupported');
  }
});

for (const className of ['GaussianNoise', 'GaussianDropout', 'AlphaDropout']) {
  test(`${className} lets all through, and says that training lacks it`, async () => {
    const layer = { class_name: className, config: { name: 'n', stddev: 0.1, rate: 0.1 } };
    const { nodes, trainingNotes } = await lowered([recurrent('LSTM'), layer], { rnn: arrays('LSTM', 3) });
    assert.equal(nodes.length, 1);
    assert.deepEqual(trainingNotes, [
      { code: 'noteNotWhileTraining', args: { layer: 'n', type: className } },
    ]);
  });
}

test('an embedding masks zeros only where it says so', async () => {
  const table = [weight('e/embeddings:0', 10, 3)];
  const embedding = (mask: boolean) => ({
    class_name: 'Embedding',
    config: { name: 'e', input_dim: 10, output_dim: 3, mask_zero: mask, batch_input_shape: [null, 4] },
  });
  const weights = { e: table, rnn: arrays('LSTM', 3) };
  assert.equal(await operators([embedding(false), recurrent('LSTM')], weights), 'Gather > LSTM');
  assert.equal(
    await operators([embedding(true), recurrent('LSTM')], weights),
    'Gather > NotEqualMask > LSTM',
  );
});

const nots: [string, LayerJson, string, string][] = [
  [
    'an unknown layer',
    { class_name: 'LocallyConnected1D', config: { name: 'conv' } },
    'layerUnsupported',
    'conv',
  ],
  [
    'a layer called like a property of objects',
    { class_name: 'constructor', config: { name: 'odd' } },
    'layerUnsupported',
    'odd',
  ],
  [
    'an unknown activation',
    { class_name: 'Activation', config: { name: 'act', activation: 'my_own' } },
    'graphUnsupported',
    'my_own',
  ],
  [
    'an activation called like a property of objects',
    { class_name: 'Activation', config: { name: 'act', activation: 'toString' } },
    'graphUnsupported',
    'toString',
  ],
  [
    'a target shape that is none',
    { class_name: 'Reshape', config: { name: 'r', target_shape: 'wide' } },
    'layerOptionUnsupported',
    'target_shape',
  ],
  [
    'two open axes',
    { class_name: 'Reshape', config: { name: 'r', target_shape: [-1, -1] } },
    'layerOptionUnsupported',
    'target_shape',
  ],
  [
    'an axis that is none',
    { class_name: 'Concatenate', config: { name: 'c', axis: 'last' } },
    'layerOptionUnsupported',
    'last',
  ],
  [
    'a wrapped layer that is computed over steps alone',
    {
      class_name: 'TimeDistributed',
      config: { name: 'td', layer: { class_name: 'UpSampling1D', config: { name: 'u' } } },
    },
    'layerOptionUnsupported',
    'UpSampling1D',
  ],
  [
    'a dense layer without weights',
    { class_name: 'Dense', config: { name: 'd', units: 3 } },
    'graphUnsupported',
    'kernel',
  ],
];
for (const [name, layer, code, part] of nots) {
  test(`${name} leaves a model that can be inspected, and is named`, async () => {
    const { nodes, notEvaluable } = await lowered([recurrent('LSTM'), layer], { rnn: arrays('LSTM', 3) });
    assert.equal(nodes.length, 0);
    assert.equal(notEvaluable?.code, code);
    assert.ok(JSON.stringify(notEvaluable).includes(part), JSON.stringify(notEvaluable));
  });
}

test('a layer with the steps before the samples is named', async () => {
  const { notEvaluable } = await lowered([recurrent('LSTM', { time_major: true })], {
    rnn: arrays('LSTM', 3),
  });
  assert.equal(notEvaluable?.code, 'layerOptionUnsupported');
  assert.equal(notEvaluable?.args.setting, 'time_major');
});

test('layers that keep their states are computed from zeros, and are named', async () => {
  const layers = [
    recurrent('LSTM', { stateful: true, batch_input_shape: [6, 4, 3] }),
    recurrent('LSTM', { name: 'second' }),
    {
      class_name: 'Bidirectional',
      config: { name: 'both', layer: recurrent('GRU', { name: 'third', stateful: true }) },
    },
  ];
  const both = ['forward_third', 'backward_third'].flatMap((name) => arrays('GRU', 2, `both/${name}`));
  const { nodes, inputs, assumptions } = await lowered(layers, {
    rnn: arrays('LSTM', 3),
    second: arrays('LSTM', 2, 'second'),
    both,
  });
  assert.deepEqual(
    nodes.filter(isRecurrent).map(({ stateful }) => stateful),
    [true, undefined, true, true],
  );
  assert.equal(inputs[0]?.batch, 6);
  assert.deepEqual(assumptions, [{ code: 'noteStatesReset', args: { layers: 'rnn, both' } }]);
});

test('an input whose shape is not known, or is nonsense, is said', async () => {
  for (const shape of [undefined, 'wide', [null, -1, 3], [null, 2.5, 3], [null, {}, 3]]) {
    const { notEvaluable } = await lowered([recurrent('LSTM', { batch_input_shape: shape })], {
      rnn: arrays('LSTM', 3),
    });
    assert.equal(notEvaluable?.code, 'graphUnsupported', String(shape));
  }
});

test('layers of Keras 1 over each step are computed with their options, whatever it calls them', async () => {
  const steps = { batch_input_shape: [null, 4, 8, 2] };
  const wrapped = (class_name: string, name: string, config: object) => ({
    class_name: 'TimeDistributed',
    config: { name, layer: { class_name, config: { name: `${name}_inner`, ...config } }, ...steps },
  });
  const window = { nb_filter: 3, filter_length: 2, subsample_length: 2, border_mode: 'same' };
  const { nodes } = await lowered(
    [
      wrapped('Convolution1D', 'conv', { ...window, activation: 'linear', bias: true }),
      wrapped('MaxPooling1D', 'pool', { pool_length: 4, stride: 3, border_mode: 'valid' }),
      wrapped('AveragePooling1D', 'mean', { pool_length: 3, stride: null, border_mode: 'same' }),
      wrapped('Flatten', 'flat', {}),
      recurrent('LSTM'),
    ],
    { conv: [weight('inner_W:0', 2, 1, 2, 3), weight('inner_b:0', 3)], rnn: arrays('LSTM', 3) },
    '1.2.2',
  );
  const moved = nodes.slice(0, 3).map((node) => {
    assert.ok('padding' in node, node.op);
    return [node.op, 'taps' in node ? node.taps.length : node.size, node.stride, node.padding];
  });
  assert.deepEqual(moved, [
    ['Conv', 2, 2, 'same'],
    ['MaxPool', 4, 3, [0, 0]],
    ['AveragePool', 3, 3, 'same'],
  ]);
});

test('pooling of images in Keras 1 is padded as it says by its own word', async () => {
  const config = {
    name: 'pool',
    pool_size: [2, 3],
    strides: [2, 3],
    border_mode: 'same',
    dim_ordering: 'tf',
  };
  for (const [className, op] of [
    ['MaxPooling2D', 'MaxPool'],
    ['AveragePooling2D', 'AveragePool'],
  ]) {
    const { nodes } = await lowered(
      [
        { class_name: className, config: { ...config, batch_input_shape: [null, 4, 6, 3] } },
        { class_name: 'Reshape', config: { name: 'r', target_shape: [4, 3] } },
        recurrent('LSTM'),
      ],
      { rnn: arrays('LSTM', 3) },
      '1.2.2',
    );
    const [pool] = nodes;
    assert.ok(pool?.op === op && 'rows' in pool, className);
    assert.deepEqual([pool.padding, pool.rows?.padding], ['same', 'same']);
  }
});
