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
  const options = { dtype: 'float16', recurrent_activation: 'hard_sigmoid' };
  const notesWith = async (activation: string) =>
    (await lowered([recurrent('LSTM', { ...options, activation })], rnn)).assumptions?.slice(1);
  assert.deepEqual(await notesWith('swish'), [{ code: 'noteRoundedLess', args: { layers: 'rnn' } }]);
  assert.deepEqual(await notesWith('tanh'), []);
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
