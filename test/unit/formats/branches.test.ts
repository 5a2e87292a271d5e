// Layers that merge, normalise, pool and attend, as nodes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GraphNode } from '../../../extension/model/graph.ts';
import { arrays, lowered, recurrent } from './lowered.ts';
import { weight } from './open.ts';
import { bare, kerasTensor, overInputs } from './overInputs.ts';

const masking = { class_name: 'Masking', config: { name: 'm' } };

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

test('Merge of Keras 1 is what its mode says, and refused where Keras 2 has no layer for that', async () => {
  const merged = (mode: string, count = 2) => {
    const layer = { class_name: 'Merge', config: { name: 'layer', mode, concat_axis: -1 } };
    return overInputs(layer, Array(count).fill(false), '1.2.2');
  };
  for (const [mode, op] of Object.entries({ sum: 'Add', mul: 'Mul', ave: 'Mean', max: 'Max' }))
    assert.deepEqual((await merged(mode)).nodes.map(bare), [{ op }]);
  assert.deepEqual((await merged('concat')).nodes.map(bare), [{ op: 'Concat', axis: -1 }]);
  for (const { notEvaluable } of [await merged('cos'), await merged('sum', 1)])
    assert.deepEqual(notEvaluable, { code: 'layerUnsupported', args: { layer: 'layer', type: 'Merge' } });
});

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
