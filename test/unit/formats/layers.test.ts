// Layers over windows of steps, activations, normalisation by groups and attention of several heads, as nodes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GraphNode } from '../../../extension/model/graph.ts';
import type { ConvNode } from '../../../extension/model/windowNodes.ts';
import { arrays, lowered, recurrent, type Weights } from './lowered.ts';
import { weight } from './open.ts';

const masking = { class_name: 'Masking', config: { name: 'm' } };
const rnn = { rnn: arrays('GRU', 3) };

/** The nodes of a layer behind a masked GRU of two units, its mask, and what the model cannot. */
async function behind(className: string, config: Record<string, unknown>, weights: Weights[string] = []) {
  const layer = { class_name: className, config: { name: 'layer', ...config } };
  const all = { ...rnn, layer: weights };
  const { nodes, mask, notEvaluable } = await lowered([masking, recurrent('GRU'), layer], all, '3.15.0');
  return { nodes: nodes.slice(3), passes: mask !== undefined, notEvaluable };
}

/** A node without its names. */
function bare({ inputs, outputs, origin, ...rest }: GraphNode): object {
  return rest;
}

const kernel = [weight('layer/kernel:0', 3, 2, 4), weight('layer/bias:0', 4)];

test('Conv1D reads its kernel [K, C, F] step by step', async () => {
  const options = { padding: 'causal', strides: [2], dilation_rate: 3, activation: 'relu' };
  const { nodes, passes } = await behind('Conv1D', options, kernel);
  const [conv, activation] = nodes as [ConvNode, GraphNode];
  const { taps, bias, ...rest } = conv;
  assert.deepEqual(bare(rest as GraphNode), {
    op: 'Conv',
    groups: 1,
    stride: 2,
    dilation: 3,
    spread: 1,
    padding: [6, 0],
  });
  assert.equal(bias?.name, 'layer/bias');
  assert.deepEqual(
    taps.map(({ parameter, ...view }) => view),
    [0, 8, 16].map((offset) => ({ rows: 4, columns: 2, offset, rowStride: 1, columnStride: 4 })),
  );
  assert.deepEqual(bare(activation), { op: 'Activation', activation: { op: 'Relu' } });
  assert.equal(passes, false);
});

test('Conv1DTranspose turns its kernel [K, F, C] round, over steps that are apart', async () => {
  const stored = [weight('layer/kernel:0', 3, 4, 2), weight('layer/bias:0', 4)];
  const { nodes } = await behind('Conv1DTranspose', { strides: 2 }, stored);
  const { taps, spread, padding, stride } = nodes[0] as ConvNode;
  assert.deepEqual({ spread, padding, stride }, { spread: 2, padding: [2, 2], stride: 1 });
  assert.deepEqual(
    taps.map(({ parameter, ...view }) => view),
    [16, 8, 0].map((offset) => ({ rows: 4, columns: 2, offset, rowStride: 2, columnStride: 1 })),
  );
});

const windows: [string, Record<string, unknown>, object][] = [
  ['MaxPooling1D', { pool_size: [3], strides: null }, { op: 'MaxPool', size: 3, stride: 3, padding: [0, 0] }],
  [
    'AveragePooling1D',
    { pool_size: 2, strides: [1], padding: 'same' },
    { op: 'AveragePool', size: 2, stride: 1, padding: 'same' },
  ],
  ['ZeroPadding1D', { padding: [1, 2] }, { op: 'Pad', before: 1, after: 2 }],
  ['Cropping1D', { cropping: 1 }, { op: 'Pad', before: -1, after: -1 }],
  ['UpSampling1D', { size: 3 }, { op: 'Upsample', factor: 3 }],
];
for (const [className, config, expected] of windows) {
  test(`${className} is ${JSON.stringify(expected)}, and drops the mask`, async () => {
    const { nodes, passes } = await behind(className, config);
    assert.deepEqual(nodes.map(bare), [expected]);
    assert.equal(passes, false);
  });
}

const elementwise: [string, Record<string, unknown>, object][] = [
  ['ReLU', { max_value: null, negative_slope: 0, threshold: 0 }, { op: 'Relu' }],
  ['ReLU', { max_value: 6 }, { op: 'Clip', alpha: 0, beta: 6 }],
  ['ReLU', { negative_slope: 0.1 }, { op: 'LeakyRelu', alpha: 0.1 }],
  ['LeakyReLU', { negative_slope: 0.25 }, { op: 'LeakyRelu', alpha: 0.25 }],
  ['LeakyReLU', { alpha: 0.3 }, { op: 'LeakyRelu', alpha: 0.3 }],
  ['ELU', { alpha: 0.5 }, { op: 'Elu', alpha: 0.5 }],
  ['ThresholdedReLU', { theta: 2 }, { op: 'ThresholdedRelu', alpha: 2 }],
  ['Rescaling', { scale: 0.5, offset: -1 }, { op: 'Affine', alpha: 0.5, beta: -1 }],
];
for (const [className, config, activation] of elementwise) {
  test(`${className} with ${JSON.stringify(config)} is ${JSON.stringify(activation)}, and passes the mask`, async () => {
    const { nodes, passes } = await behind(className, config);
    assert.deepEqual(nodes.map(bare), [{ op: 'Activation', activation }]);
    assert.equal(passes, true);
  });
}

test('Normalization takes mean and variance from its configuration, which are no weights of the file', async () => {
  for (const [invert, mean, variance] of [
    [false, [1, -2], [4, 0.25]],
    // x · 2 + 1 and x · 0.5 − 2
    [true, [-0.5, 4], [0.25, 4]],
  ] as const) {
    const { nodes, passes } = await behind('Normalization', {
      mean: [[1, -2]],
      variance: [[4, 0.25]],
      invert,
    });
    const [node] = nodes;
    assert.ok(node.op === 'BatchNormalization');
    assert.deepEqual([[...(await node.mean.read())], [...(await node.variance.read())]], [mean, variance]);
    assert.deepEqual([node.mean.inNoArray, node.variance.inNoArray, passes], [true, true, true]);
  }
});

test('Normalization divides by a deviation of 1e-7 at least', async () => {
  const statistics = { mean: [1, 2, 3, 4], variance: [0, 1e-14, 3e-14, 2] };
  const [node] = (await behind('Normalization', statistics)).nodes;
  assert.ok(node.op === 'BatchNormalization');
  assert.deepEqual([...(await node.variance.read())], [1e-14, 1e-14, 3e-14, 2].map(Math.fround));
  assert.equal(node.epsilon, 0);
});

test('Normalization that was adapted computes its divisor from the variance in the file', async () => {
  const adapted = [weight('layer/mean:0', 2), weight('layer/variance:0', 2)];
  const [node] = (await behind('Normalization', { axis: [-1] }, adapted)).nodes;
  assert.ok(node.op === 'BatchNormalization');
  assert.equal(node.mean.name, 'layer/mean');
  assert.deepEqual(
    node.variance.madeOf?.map(({ name }) => name),
    ['layer/variance'],
  );
  assert.equal(node.epsilon, 0);
});

test('Normalization by one mean and one variance scales all values', async () => {
  for (const [config, activation] of [
    [
      { mean: 3, variance: 4, axis: [] },
      { op: 'Affine', alpha: 0.5, beta: -1.5 },
    ],
    [
      { mean: [3], variance: [4], invert: true },
      { op: 'Affine', alpha: 2, beta: 3 },
    ],
  ]) {
    const { nodes, passes } = await behind('Normalization', config);
    assert.deepEqual(nodes.map(bare), [{ op: 'Activation', activation }]);
    assert.equal(passes, true);
  }
});

test('GroupNormalization of -1 groups has one for each channel', async () => {
  const vectors = ['gamma', 'beta'].map((name) => weight(`layer/${name}:0`, 2));
  const { nodes, passes } = await behind('GroupNormalization', { groups: -1 }, vectors);
  const [node] = nodes;
  assert.ok(node.op === 'GroupNormalization');
  assert.deepEqual([node.groups, node.axis, node.epsilon], [2, -1, 1e-3]);
  assert.equal(passes, true);
});

test('MultiHeadAttention needs something to attend to, which a Sequential does not give it', async () => {
  const { notEvaluable } = await behind('MultiHeadAttention', { num_heads: 3, key_dim: 4 });
  assert.equal(notEvaluable?.args.setting, 'value=null');
});

const nots: [string, Record<string, unknown>, string][] = [
  ['Conv1D', { data_format: 'channels_first' }, 'channels_first'],
  ['Conv1D', { padding: 'full' }, 'padding'],
  ['Conv1D', { strides: 0 }, 'strides=0'],
  ['Conv1D', { dilation_rate: 1e9 }, 'dilation_rate'],
  ['Conv1DTranspose', { output_padding: 1 }, 'output_padding'],
  ['ReLU', { threshold: 0.5 }, 'threshold'],
  ['ReLU', { max_value: 1, negative_slope: 0.5 }, 'negative_slope'],
  ['Normalization', { mean: [0, 1], variance: [1] }, 'variance'],
  ['Normalization', { mean: [0, 1], variance: [1, -1] }, 'variance'],
  ['Normalization', { mean: [0, 1] }, 'variance'],
  ['Normalization', { mean: [0, '1'], variance: [1, 1] }, 'mean'],
  ['Normalization', { mean: [], variance: [] }, 'mean'],
  ['Normalization', { mean: [[0, 1]], variance: [[1, 1]], axis: [1, 2] }, 'axis=[1,2]'],
  [
    'Normalization',
    {
      mean: [
        [
          [0, 1],
          [2, 3],
        ],
      ],
      variance: [
        [
          [1, 1],
          [1, 1],
        ],
      ],
      axis: [1, 2],
    },
    'axis=[1,2]',
  ],
  ['Softmax', { axis: 0 }, 'axis=0'],
  ['ZeroPadding1D', { padding: [1, 2, 3] }, 'padding'],
  ['Cropping1D', { cropping: -1 }, 'cropping'],
  ['MaxPooling1D', { pool_size: 2, padding: 'causal' }, 'padding'],
  ['Dot', { axes: [2, 2] }, 'axes'],
];
for (const [className, config, part] of nots) {
  test(`${className} with ${JSON.stringify(config)} is named`, async () => {
    const { notEvaluable } = await behind(className, config, kernel);
    assert.equal(notEvaluable?.code, 'layerOptionUnsupported');
    assert.ok(String(notEvaluable?.args.setting).includes(part));
  });
}

test('a Lambda is refused by name, whatever stands in it', async () => {
  const code = { class_name: '__lambda__', config: { code: '4wEAAAA=', defaults: null, closure: null } };
  const { notEvaluable } = await behind('Lambda', { function: code });
  assert.deepEqual(notEvaluable?.cause, { code: 'reasonLambda', args: { layer: 'layer' } });
});

test('a layer of a class of its author’s own is told from one that is not computed yet', async () => {
  for (const [className, code] of [
    ['mine>Scale', 'graphUnsupported'],
    ['EinsumDense', 'layerUnsupported'],
  ] as const) {
    const { notEvaluable } = await behind(className, {});
    assert.equal(notEvaluable?.code, code);
    if (className === 'mine>Scale')
      assert.deepEqual(notEvaluable?.cause, {
        code: 'reasonOwnLayer',
        args: { layer: 'layer', type: className },
      });
  }
});

test('a layer of its author’s own is not computed as the layer of Keras that is called the same', async () => {
  const own = (className: string) => ({ registered_name: `mine>${className}`, class_name: className });
  const cell = { ...own('Mine'), config: { units: 2 } };
  const plain = { class_name: 'Dense', config: { name: 'inner', units: 2 } };
  for (const [layer, type] of [
    [{ ...own('Softmax'), config: { axis: -1 } }, 'Softmax'],
    [{ class_name: 'Softmax', module: 'layers', config: { axis: -1 } }, 'Softmax'],
    [{ class_name: 'TimeDistributed', config: { layer: { ...plain, ...own('Dense') } } }, 'Dense'],
    [{ class_name: 'RNN', config: { cell } }, 'Mine'],
    [
      { class_name: 'RNN', config: { cell: { class_name: 'StackedRNNCells', config: { cells: [cell] } } } },
      'Mine',
    ],
  ] as const) {
    const named = { ...layer, config: { name: 'layer', ...layer.config } };
    const { notEvaluable } = await lowered(
      [masking, recurrent('GRU'), named],
      { ...rnn, layer: [] },
      '3.15.0',
    );
    assert.deepEqual(notEvaluable?.cause, { code: 'reasonOwnLayer', args: { layer: 'layer', type } });
  }
});

test('an activation that is no function of Keras is code, too', async () => {
  for (const [name, code] of [
    ['mine>swishy', 'graphUnsupported'],
    ['sparsemax', 'layerOptionUnsupported'],
  ]) {
    const activation = {
      module: 'builtins',
      class_name: 'function',
      config: name,
      registered_name: 'function',
    };
    const { notEvaluable } = await behind('Activation', { activation });
    assert.equal(notEvaluable?.code, code);
  }
});
