import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrays, lowered, recurrent } from './lowered.ts';

const rnn = { rnn: arrays('LSTM', 3) };
const policy = (config: object, className = 'DTypePolicy') => ({
  module: 'keras',
  class_name: className,
  config,
  registered_name: null,
});

test('layers that compute in halves do so here, with a note', async () => {
  const cases: [unknown, string][] = [
    ['float16', 'float16'],
    [policy({ name: 'mixed_float16' }), 'float16'],
    [{ class_name: 'Policy', config: { name: 'mixed_bfloat16' } }, 'bfloat16'],
  ];
  for (const [dtype, type] of cases) {
    const { nodes, assumptions } = await lowered([recurrent('LSTM', { dtype })], rnn);
    assert.deepEqual(assumptions, [{ code: 'noteComputedInHalves', args: { types: type } }]);
    assert.deepEqual(
      nodes.map(({ half }) => half),
      nodes.map(() => ({ type })),
    );
  }
});

test('where roundings are not followed a note names the layer', async () => {
  const notesWith = async (recurrent_activation: string, activation: string) => {
    const options = { dtype: 'float16', recurrent_activation, activation };
    return (await lowered([recurrent('LSTM', options)], rnn)).assumptions?.slice(1);
  };
  const named = [{ code: 'noteRoundedLess', args: { layers: 'rnn' } }];
  for (const [gates, activation, notes] of [
    ['hard_sigmoid', 'swish', named],
    ['gelu', 'tanh', named],
    ['hard_silu', 'tanh', named],
    ['sigmoid', 'gelu', named],
    ['sigmoid', 'hard_sigmoid', named],
    ['hard_sigmoid', 'hard_sigmoid', []],
    ['hard_sigmoid', 'tanh', []],
    ['swish', 'tanh', []],
  ] as const)
    assert.deepEqual(await notesWith(gates, activation), notes, `${gates}, ${activation}`);
});

test('of implementation 1 each gate is computed by itself', async () => {
  const apart = async (options: object) =>
    (await lowered([recurrent('LSTM', { dtype: 'float16', ...options })], rnn)).nodes.map(
      (node) => node.op === 'LSTM' && node.gateByGate === true,
    );
  assert.deepEqual(await apart({ implementation: 1 }), [true]);
  assert.deepEqual(await apart({ implementation: 2 }), [false]);
});

test('those of float64 are computed in float32, with a note', async () => {
  const dtype = policy({ name: 'float64' });
  const { nodes, assumptions } = await lowered([recurrent('LSTM', { dtype })], rnn);
  assert.deepEqual(assumptions, [{ code: 'noteComputedInFloat32', args: { types: 'float64' } }]);
  assert.ok(nodes.every(({ half }) => half === undefined));
});

test('of layers in float32 there is nothing to say', async () => {
  for (const dtype of [undefined, null, 'float32', policy({ name: 'float32' })]) {
    const { nodes, assumptions } = await lowered([recurrent('LSTM', { dtype })], rnn);
    assert.equal(nodes.length, 1);
    assert.equal(assumptions, undefined);
  }
});

test('layers that Keras has quantised are named as such', async () => {
  for (const [mode, className] of [
    ['int8', 'QuantizedDTypePolicy'],
    ['float8', 'QuantizedFloat8DTypePolicy'],
    ['int4/128', 'Int4DTypePolicy'],
  ]) {
    const dtype = policy({ mode, source_name: 'float32' }, className);
    const { notEvaluable } = await lowered([recurrent('LSTM', { dtype })], rnn);
    assert.equal(notEvaluable?.code, 'layerOptionUnsupported');
    assert.equal(notEvaluable?.args.setting, `quantization="${mode}"`);
  }
});
