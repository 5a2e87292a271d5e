import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arrays, lowered, recurrent } from './lowered.ts';
import { weight } from './open.ts';

const far = [
  [2 ** 40, 0],
  [0, 0],
];
const nots: [string, Record<string, unknown>, string][] = [
  ['LayerNormalization', { axis: [1, 2] }, 'axis'],
  ['LayerNormalization', { rms_scaling: true }, 'rms_scaling'],
  ['GlobalMaxPooling1D', { data_format: 'channels_first' }, 'channels_first'],
  ['Flatten', { data_format: 'channels_first' }, 'channels_first'],
  ['RepeatVector', { n: 0 }, 'n=0'],
  ['RepeatVector', { n: 2 ** 40 }, 'n='],
  ['ZeroPadding2D', { padding: far }, 'padding='],
  ['Cropping2D', { cropping: far }, 'cropping='],
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
