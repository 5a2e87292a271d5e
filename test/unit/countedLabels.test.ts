import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sizeText } from '../../extension/protocol/countedLabels.ts';
import { sayWith } from '../../extension/protocol/wording.ts';
import { chinese, english } from './report/translators.ts';

const say = sayWith(english);

test('a count of one has its word in the singular', () => {
  assert.equal(say('samples', { count: '1' }), '1 sample');
  assert.equal(say('samples', { count: '1,001' }), '1,001 samples');
  assert.equal(say('endedCancelled', { count: 1 }), '1 trial, then stopped by hand');
  assert.equal(sizeText(1, 12, say), '1 input, 12 units');
  assert.equal(sizeText(12, 1, say), '12 inputs, 1 unit');
});

test('the singular is translated, too', async () => {
  assert.equal(sizeText(1, 12, sayWith(await chinese())), '1 个输入，12 个单元');
});
