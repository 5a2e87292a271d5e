import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecurrentNode } from '../../../extension/model/graph.ts';
import { arrays, type LayerJson, lowered, recurrent, type Weights } from './lowered.ts';

const masking = { class_name: 'Masking', config: { name: 'm' } };
const versions = ['1.2.2', '2.2.4', '2.2.4-tf', '2.15.0', '3.15.0'];

function bidirectional(inner: LayerJson, config: Record<string, unknown> = {}): LayerJson {
  return {
    class_name: 'Bidirectional',
    config: { name: 'both', merge_mode: 'concat', layer: inner, ...config },
  };
}

function weights(forward: string, backward = forward): Weights {
  return { both: [...arrays(forward, 3, 'forward_rnn'), ...arrays(backward, 3, 'backward_rnn')] };
}

function recurrentNodes({ nodes }: Awaited<ReturnType<typeof lowered>>): RecurrentNode[] {
  return nodes.filter((node) => 'layer' in node);
}

for (const className of ['LSTM', 'GRU', 'SimpleRNN']) {
  for (const sequences of [true, false]) {
    test(`a Bidirectional ${className} is read from both ends; return_sequences=${sequences}`, async () => {
      for (const version of versions) {
        const inner = recurrent(className, { return_sequences: sequences });
        const { nodes } = await lowered([bidirectional(inner)], weights(className), version);
        const [forward, backward, merge] = nodes as [RecurrentNode, RecurrentNode, (typeof nodes)[number]];
        assert.equal(nodes.length, 3);
        assert.deepEqual([forward.reverse, backward.reverse], [undefined, true], version);
        assert.deepEqual([forward.layer.name, backward.layer.name], ['both/forward', 'both/backward']);
        assert.deepEqual([forward.origin, backward.origin], ['both/forward', 'both/backward']);
        assert.deepEqual(forward.inputs, backward.inputs);
        const output = sequences ? 0 : 1;
        const { op, inputs, origin } = merge;
        assert.deepEqual([op, origin], ['Concat', 'both']);
        assert.deepEqual(inputs, [forward.outputs[output], backward.outputs[output]]);
      }
    });
  }
}

for (const [mode, expected] of [
  ['concat', { op: 'Concat', axis: -1 }],
  ['sum', { op: 'Add' }],
  ['mul', { op: 'Mul' }],
  ['ave', { op: 'Mean' }],
] as const) {
  test(`merge_mode ${mode} is ${expected.op}`, async () => {
    const { nodes } = await lowered([bidirectional(recurrent('GRU'), { merge_mode: mode })], weights('GRU'));
    const { inputs, outputs, origin, ...merge } = nodes[2];
    assert.deepEqual(merge, expected);
  });
}

test('without a merge mode there are two outputs, which a Sequential cannot hand on', async () => {
  const { notEvaluable } = await lowered(
    [bidirectional(recurrent('LSTM'), { merge_mode: null })],
    weights('LSTM'),
  );
  assert.equal(notEvaluable?.code, 'layerOptionUnsupported');
  assert.deepEqual(notEvaluable?.args, { layer: 'both', type: 'Bidirectional', setting: 'merge_mode=null' });
});

test('both directions read the mask; it goes on with the sequence', async () => {
  for (const sequences of [true, false]) {
    const inner = recurrent('LSTM', { return_sequences: sequences });
    const found = await lowered([masking, bidirectional(inner)], weights('LSTM'));
    const mask = found.nodes[0].outputs[0];
    assert.deepEqual(
      recurrentNodes(found).map((node) => node.mask),
      [mask, mask],
    );
    assert.equal(found.mask, sequences ? mask : undefined);
  }
});

test('masked outputs of a sequence are zeros in Keras 3 and in every Keras of TensorFlow', async () => {
  const zeros = async (version: string, config: Record<string, unknown>) => {
    const found = await lowered(
      [masking, bidirectional(recurrent('LSTM', config))],
      weights('LSTM'),
      version,
    );
    return recurrentNodes(found).map((node) => node.zeroMaskedOutput === true);
  };
  for (const version of versions) {
    const forced = version !== '1.2.2' && version !== '2.2.4';
    assert.deepEqual(await zeros(version, {}), [forced, forced], version);
  }
  // Whatever the inner layer says.
  const said = { zero_output_for_mask: true, return_sequences: false };
  assert.deepEqual(await zeros('3.15.0', said), [false, false]);
});

test('a backward layer of its own has its own cell, weights and settings', async () => {
  const forward = recurrent('LSTM');
  const backward = recurrent('GRU', { activation: 'relu', go_backwards: true, dropout: 0.5 });
  const layer = bidirectional(forward, { backward_layer: backward });
  const found = await lowered([layer], weights('LSTM', 'GRU'), '3.15.0');
  const nodes = recurrentNodes(found);
  assert.deepEqual(
    nodes.map(({ op, activation, reverse, dropout }) => [op, activation.op, reverse, dropout]),
    [
      ['LSTM', 'Tanh', undefined, undefined],
      ['GRU', 'Relu', true, 0.5],
    ],
  );
  assert.equal(nodes[1].layer.cell, 'GRU');
});

test('read from the end first, the second direction begins at the start and is turned round', async () => {
  const layer = bidirectional(recurrent('LSTM', { go_backwards: true }));
  const { nodes } = await lowered([masking, layer], weights('LSTM'));
  assert.deepEqual(
    nodes.map(({ op }) => op),
    ['NotEqualMask', 'ApplyMask', 'Reverse', 'Reverse', 'LSTM', 'LSTM', 'Reverse', 'Concat'],
  );
  const [, x, , turned, forward, backward, back, merge] = nodes;
  assert.equal(forward.inputs[0], turned.outputs[0]);
  assert.equal(backward.inputs[0], x.outputs[0]);
  assert.ok(!('reverse' in backward));
  assert.deepEqual(merge.inputs, [forward.outputs[0], back.outputs[0]]);
});

const nots: [string, Record<string, unknown>, string][] = [
  ['layers of another order', { layer: recurrent('LSTM', { time_major: true }) }, 'time_major'],
  [
    'an inner layer that is not recurrent',
    { layer: { class_name: 'Dense', config: { name: 'd' } } },
    'Dense',
  ],
];
for (const [name, config, part] of nots) {
  test(`a Bidirectional of ${name} is named`, async () => {
    const layers = [recurrent('GRU'), bidirectional(recurrent('LSTM'), config)];
    const found = await lowered(layers, { rnn: arrays('GRU', 3), ...weights('LSTM') });
    assert.equal(found.notEvaluable?.code, 'layerOptionUnsupported');
    assert.ok(JSON.stringify(found.notEvaluable).includes(part));
  });
}
