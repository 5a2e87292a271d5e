import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawPurpose, isAsGood, type PurposeRow } from '../../../bench/purpose/report.ts';

const quality = (loss: number) => ({ loss, accuracy: 0.5 });
const row: PurposeRow = {
  name: 'a model',
  dense: quality(0.21),
  longer: quality(0.2),
  pruned: quality(3),
  finetuned: quality(0.2039),
  sparsity: 0.9,
  split: 'test',
  validationSplit: 'val',
  samples: 100,
  epochs: 10,
  kept: 9,
  seconds: 5,
  engine: 'an engine',
  flags: '--epochs 10',
};

test('a fine-tuned model is held against the better one of the dense models', () => {
  assert.ok(isAsGood(row));
  assert.ok(!isAsGood({ ...row, finetuned: quality(0.2041) }));
  assert.ok(!isAsGood({ ...row, dense: quality(0.19) }));
});

test('the page shows every loss and says whether the purpose is reached', () => {
  const page = drawPurpose([row, { ...row, finetuned: quality(0.25) }], ['another: skipped'], '2000-01-02');
  assert.match(
    page,
    /\| a model \| 90\.0 % \| 0\.2100 \(50\.0 %\) \| 0\.2000 .* 0\.2039 .* \+1\.95 % \| yes \|/,
  );
  assert.match(page, /0\.2500 .* \+25\.00 % \| \*\*no\*\* \|/);
  assert.match(page, /measured on the part test, 100 samples; 10 epochs, compared on the part val;/);
  assert.match(page, /another: skipped/);
});
