import assert from 'node:assert/strict';
import { test } from 'node:test';
import { epochsText, patienceText } from '../../../extension/host/commands/finetuneWords.ts';
import { chinese, english } from '../report/translators.ts';

test('one epoch is one, several are several', () => {
  assert.deepEqual([epochsText(1, english), epochsText(2, english)], ['1 epoch', '2 epochs']);
  assert.match(patienceText(1, english), /after 1 epoch without/);
  assert.match(patienceText(3, english), /after 3 epochs without/);
  assert.equal(patienceText(0, english), 'Early stopping: off');
});

test('in Chinese there is one word for both', async () => {
  const t = await chinese();
  assert.deepEqual([epochsText(1, t), epochsText(2, t)], ['1 轮', '2 轮']);
  assert.equal(patienceText(1, t), patienceText(3, t).replace('3', '1'));
});
