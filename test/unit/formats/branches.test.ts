// Layers that merge, normalise, pool and attend, as nodes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GraphNode } from '../../../extension/model/graph.ts';
import { arrays, type LayerJson, lowered, loweredModel, recurrent, type Weights } from './lowered.ts';
import { weight } from './open.ts';

const masking = { class_name: 'Masking', config: { name: 'm' } };

/** A node without its names. */
function bare({ inputs, outputs, origin, ...rest }: GraphNode): object {
  return rest;
}

/**
 * A layer over inputs a, b, … [B, 4, 3], of which some are masked, in a functional model of Keras 2 or 3. Beside it stands a
 * recurrent layer, since every model has one.
 */
function overInputs(
  layer: LayerJson & { readonly inbound_nodes?: readonly unknown[] },
  masked: readonly boolean[],
  kerasVersion: string,
  weights: Weights = {},
) {
  const names = masked.map((_, i) => 'abc'[i]);
  const inputs = names.map((name) => ({
    class_name: 'InputLayer',
    name,
    config: { name, batch_input_shape: [null, 4, 3], dtype: 'float32' },
    inbound_nodes: [],
  }));
  const tensors = names.map((name, i) => [masked[i] ? `${name}_masked` : name, 0, 0]);
  const maskings = names.map((name) => ({
    class_name: 'Masking',
    name: `${name}_masked`,
    config: { name: `${name}_masked`, trainable: true },
    inbound_nodes: [call([[name, 0, 0]], kerasVersion)],
  }));
  const rnn = recurrent('GRU', { trainable: true });
  const beside = { ...rnn, name: 'rnn', inbound_nodes: [call([['a', 0, 0]], kerasVersion)] };
  const last = { name: 'layer', inbound_nodes: [call(tensors, kerasVersion)], ...layer };
  const config = {
    name: 'model',
    layers: [...inputs, ...maskings.filter((_, i) => masked[i]), beside, last],
    input_layers: names.map((name) => [name, 0, 0]),
    output_layers: [['layer', 0, 0]],
  };
  const all = { rnn: arrays('GRU', 3), ...weights };
  return loweredModel({ class_name: 'Functional', config }, all, kerasVersion);
}

function call(tensors: unknown[][], kerasVersion: string): unknown {
  if (!kerasVersion.startsWith('3')) return tensors.map((tensor) => [...tensor, {}]);
  return { args: [tensors.map((history) => kerasTensor(history))], kwargs: {} };
}

function kerasTensor(history: unknown, shape: (number | null)[] = [null, 4, 3]): object {
  return { class_name: '__keras_tensor__', config: { shape, dtype: 'float32', keras_history: history } };
}

const merges = {
  Add: 'Add',
  Subtract: 'Sub',
  Multiply: 'Mul',
  Average: 'Mean',
  Maximum: 'Max',
  Minimum: 'Min',
};
for (const [className, op] of Object.entries(merges)) {
  const layer = { class_name: className, config: { name: 'layer', trainable: true } };

  test(`${className} is ${op}, without a mask where no input has one`, async () => {
    for (const version of ['2.15.0', '3.15.0']) {
      const { nodes, mask } = await overInputs(layer, [false, false], version);
      assert.deepEqual(nodes.map(bare), [{ op }]);
      assert.deepEqual(nodes[0].inputs, ['a', 'b']);
      assert.equal(mask, undefined);
    }
  });

  test(`${className} of masked inputs has the mask that the file's Keras gives it`, async () => {
    const last = async (masked: boolean[], version: string) => {
      const { nodes, mask } = await overInputs(layer, masked, version);
      const masks = nodes.filter((node) => node.op === 'NotEqualMask').map(({ outputs }) => outputs[0]);
      return { combined: nodes.find(({ outputs }) => outputs[0] === mask), masks };
    };
    const both = await last([true, true], '3.15.0');
    assert.equal(both.combined?.op, 'Or');
    assert.deepEqual(both.combined?.inputs, both.masks);
    assert.equal((await last([true, false], '3.15.0')).combined, undefined);
    const before = await last([true, true], '2.15.0');
    assert.equal(before.combined?.op, 'And');
    const one = await last([false, true], '2.15.0');
    assert.deepEqual(one.combined?.outputs, one.masks);
  });

  const heeds = ['Mul', 'Max', 'Min'].includes(op);
  test(`${className} ${heeds ? 'leaves masked inputs out, in Keras 3' : 'takes masked inputs like any other'}`, async () => {
    for (const version of ['2.15.0', '3.15.0']) {
      const { nodes } = await overInputs(layer, [false, true, true], version);
      const masks = nodes.filter((node) => node.op === 'NotEqualMask').map(({ outputs }) => outputs[0]);
      const merge = nodes.find((node) => node.op === op) as GraphNode;
      const expected = heeds && version === '3.15.0' ? { op, masks: [undefined, ...masks] } : { op };
      assert.deepEqual(bare(merge), expected, version);
    }
  });
}

test('an operation between tensors is told from the layer of its name, and drops masks', async () => {
  const operation = { class_name: 'Multiply', config: { name: 'layer' } };
  const { nodes, mask } = await overInputs(operation, [true, true], '3.15.0');
  assert.deepEqual(nodes.filter(({ op }) => op === 'Mul').map(bare), [{ op: 'Mul' }]);
  assert.equal(mask, undefined);
});

const a = kerasTensor(['a', 0, 0]);
const operations: [string, string, unknown[], keywords?: Record<string, unknown>][] = [
  ['with a number', 'Add', [a, 2]],
  ['with a number by name', 'Add', [a], { x2: 2 }],
  ['with a tensor by name', 'Add', [a], { x2: a }],
  ['between tensors of several ranks', 'Add', [a, kerasTensor(['a', 0, 0], [null, 3])]],
  ['of an unknown kind', 'Arctan2', [a, a]],
];
for (const [name, className, args, kwargs = {}] of operations) {
  test(`an operation ${name} is named`, async () => {
    const layer = { class_name: className, config: { name: 'layer' }, inbound_nodes: [{ args, kwargs }] };
    const { notEvaluable } = await overInputs(layer, [false], '3.15.0');
    assert.ok(/^layer(Option)?Unsupported$/.test(String(notEvaluable?.code)));
    assert.equal(notEvaluable?.args.type, className);
  });
}

test('what is switched on in a call is named where the layer does not look at it', async () => {
  for (const [className, keyword] of [
    ['Attention', 'return_attention_scores'],
    ['Add', 'use_causal_mask'],
  ]) {
    const layer = { class_name: className, config: { name: 'layer', trainable: true } };
    const inbound_nodes = [{ args: [[a, a]], kwargs: { [keyword]: true, training: false } }];
    const { notEvaluable } = await overInputs({ ...layer, inbound_nodes }, [false], '3.15.0');
    assert.equal(notEvaluable?.args.setting, keyword);
  }
});

test('attention is causal where its call says so, or in files of old its configuration', async () => {
  const causal = { use_causal_mask: true };
  const kinds: [version: string, config: object, keywords: object, isCausal: true | undefined][] = [
    ['3.15.0', {}, causal, true],
    ['3.15.0', {}, { use_causal_mask: false }, undefined],
    ['2.15.0', {}, causal, true],
    ['2.3.1', { causal: true }, {}, true],
    ['2.3.1', { causal: false }, {}, undefined],
  ];
  for (const className of ['Attention', 'AdditiveAttention'])
    for (const [version, config, keywords, isCausal] of kinds) {
      const layer = {
        class_name: className,
        config: { name: 'layer', trainable: true, use_scale: false, ...config },
      };
      const inbound_nodes = version.startsWith('3')
        ? [{ args: [[a, a]], kwargs: keywords }]
        : [
            [
              ['a', 0, 0, keywords],
              ['a', 0, 0, {}],
            ],
          ];
      const { nodes } = await overInputs({ ...layer, inbound_nodes }, [false], version);
      const [node] = nodes;
      assert.ok(node.op === 'Attention');
      assert.equal(node.causal, isCausal, `${className} ${version} ${JSON.stringify([config, keywords])}`);
    }
});

test('LayerNormalization keeps the mask and takes gamma and beta where it has them', async () => {
  for (const [config, names] of [
    [{}, ['gamma', 'beta']],
    [{ scale: false }, ['beta']],
    [{ center: false, axis: [2] }, ['gamma']],
    [{ scale: false, center: false, epsilon: 0.5 }, []],
  ] as const) {
    const layer = { class_name: 'LayerNormalization', config: { name: 'n', axis: -1, ...config } };
    const weights = { rnn: arrays('GRU', 3), n: names.map((name) => weight(`n/${name}:0`, 2)) };
    const { nodes, mask } = await lowered([masking, recurrent('GRU'), layer], weights);
    const node = nodes[3];
    assert.ok(node.op === 'LayerNormalization');
    assert.equal(node.axis, 'axis' in config ? 2 : -1);
    assert.equal(node.epsilon, 'epsilon' in config ? 0.5 : 1e-3);
    const found = [node.gamma, node.beta].flatMap((parameter) => (parameter ? [parameter.name] : []));
    assert.deepEqual(
      found,
      names.map((name) => `n/${name}`),
    );
    assert.equal(mask, nodes[0].outputs[0]);
  }
});

test('the mean over steps heeds the mask, the maximum does not; neither hands it on', async () => {
  for (const [className, op, heeds] of [
    ['GlobalAveragePooling1D', 'ReduceMean', true],
    ['GlobalMaxPooling1D', 'ReduceMax', false],
  ] as const) {
    for (const keepdims of [false, true]) {
      const pooling = {
        class_name: className,
        config: { name: 'p', data_format: 'channels_last', keepdims },
      };
      const found = await lowered([masking, recurrent('GRU'), pooling], { rnn: arrays('GRU', 3) });
      const mask = found.nodes[0].outputs[0];
      const expected = { op, ...(keepdims && { keepAxis: true }), ...(heeds && { mask }) };
      assert.deepEqual(bare(found.nodes[3]), expected);
      assert.equal(found.mask, undefined);
    }
  }
});

test('RepeatVector and Permute move values and hand no mask on', async () => {
  const last = recurrent('GRU', { return_sequences: false });
  const repeat = { class_name: 'RepeatVector', config: { name: 'r', n: 3 } };
  const permute = { class_name: 'Permute', config: { name: 'p', dims: [2, 1] } };
  const { nodes } = await lowered([last, repeat, permute], { rnn: arrays('GRU', 3) });
  assert.deepEqual(nodes.slice(1).map(bare), [
    { op: 'RepeatVector', count: 3 },
    { op: 'Transpose', permutation: [0, 2, 1] },
  ]);
  const { mask } = await lowered([masking, recurrent('GRU'), permute], { rnn: arrays('GRU', 3) });
  assert.equal(mask, undefined);
});

for (const [className, score] of [
  ['Attention', 'dot'],
  ['AdditiveAttention', 'additive'],
] as const) {
  test(`${className} reads query and value with their masks; the query's goes on`, async () => {
    const layer = { class_name: className, config: { name: 'layer', use_scale: false, trainable: true } };
    for (const masked of [
      [true, false],
      [false, true],
      [true, true, true],
    ]) {
      const { nodes, mask } = await overInputs(layer, masked, '3.15.0');
      const masks = masked.map((is, i) =>
        is
          ? nodes.find(({ op, inputs }) => op === 'NotEqualMask' && inputs[0] === 'abc'[i])?.outputs[0]
          : undefined,
      );
      const node = nodes.find(({ op }) => op === 'Attention') as GraphNode;
      assert.deepEqual(bare(node), { op: 'Attention', score, masks: masks.slice(0, 2) });
      assert.equal(node.inputs.length, masked.length);
      assert.equal(mask, masks[0]);
    }
  });

  test(`${className} takes its scale and its dropout`, async () => {
    const layer = {
      class_name: className,
      config: { name: 'layer', use_scale: true, dropout: 0.25, trainable: true },
    };
    const scale = weight('layer/scale:0', ...(score === 'dot' ? [] : [3]));
    const { nodes } = await overInputs(layer, [false, false], '2.15.0', { layer: [scale] });
    const [node] = nodes;
    assert.ok(node.op === 'Attention');
    assert.deepEqual([node.scale?.name, node.dropout, node.masks], ['layer/scale', 0.25, undefined]);
  });
}

const nots: [string, Record<string, unknown>, string][] = [
  ['LayerNormalization', { axis: [1, 2] }, 'axis'],
  ['LayerNormalization', { rms_scaling: true }, 'rms_scaling'],
  ['GlobalMaxPooling1D', { data_format: 'channels_first' }, 'channels_first'],
  ['Flatten', { data_format: 'channels_first' }, 'channels_first'],
  ['RepeatVector', { n: 0 }, 'n=0'],
  ['Permute', { dims: [1, 3] }, 'dims'],
  ['Permute', { dims: 'both' }, 'dims'],
  ['Attention', { score_mode: 'product' }, 'score_mode'],
];
for (const [className, config, part] of nots) {
  test(`${className} with ${JSON.stringify(config)} is named`, async () => {
    const layer = { class_name: className, config: { name: 'odd', ...config } };
    const { notEvaluable } = await lowered([recurrent('GRU'), layer], { rnn: arrays('GRU', 3) });
    assert.equal(notEvaluable?.code, 'layerOptionUnsupported');
    assert.ok(String(notEvaluable?.args.setting).includes(part));
  });
}

test('a normalisation of batches that keeps more than its statistics is named, and its file opened', async () => {
  const layer = { class_name: 'BatchNormalization', config: { name: 'odd', renorm: true } };
  const names = ['gamma', 'beta', 'mean', 'variance', 'deviation', 'renorm_mean', 'renorm_deviation'];
  const odd = names.map((name) => weight(`odd/${name}:0`, 2));
  const { notEvaluable } = await lowered([recurrent('GRU'), layer], { rnn: arrays('GRU', 3), odd });
  assert.deepEqual([notEvaluable?.code, notEvaluable?.args.layer], ['layerOptionUnsupported', 'odd']);
});

test('a low-rank adapter beside its kernel is named', async () => {
  const layer = { class_name: 'Dense', config: { name: 'odd', units: 4, lora_rank: 3 } };
  // The arrays that Keras trains stand first.
  const odd = [
    weight('odd/bias:0', 4),
    weight('odd/lora_kernel_a:0', 2, 3),
    weight('odd/lora_kernel_b:0', 3, 4),
    weight('odd/kernel:0', 2, 4),
  ];
  const { notEvaluable } = await lowered([recurrent('GRU'), layer], { rnn: arrays('GRU', 3), odd });
  assert.equal(notEvaluable?.code, 'layerOptionUnsupported');
  assert.equal(notEvaluable?.args.setting, 'lora_rank=3');
});
