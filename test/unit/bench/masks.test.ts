import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawMasks, type MaskResults, weightsOf } from '../../../bench/masks/report.ts';

const results: MaskResults = {
  task: { inputs: 3, hidden: 5, layers: 3, sparsity: 0.9 },
  ours: { ms: 1000, min: 900 },
  torch: { ms: 2500, min: 2400 },
  rounds: 9,
  date: '2000-01-02',
  machine: 'a machine',
  versions: { node: '1', pytorch: '2' },
};

test('the weights of a stack are those of its kernels', () => {
  // 4 · 5 · (3 + 5), then twice 4 · 5 · (5 + 5).
  assert.equal(weightsOf(results.task), 160 + 400);
});

test('the page shows both times and whether the target is reached', () => {
  const page = drawMasks(results);
  assert.match(page, /\| LSTM Pruner \| 1000 \| 900 \| 1\.00 \|\n\| PyTorch \| 2500 \| 2400 \| 2\.50 \|/);
  assert.match(page, /a machine; node 1, pytorch 2/);
  assert.match(page, /: reached\./);
  assert.match(drawMasks({ ...results, ours: { ms: 1501, min: 900 } }), /\*\*missed\*\*/);
});
