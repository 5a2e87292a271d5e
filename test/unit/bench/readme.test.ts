import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawReadme, drawTable } from '../../../bench/readme.ts';
import type { Results, Row } from '../../../bench/results.ts';

test('a table is Markdown', () => {
  assert.equal(drawTable(['a', 'b'], [['1', '2']]), '| a | b |\n| --- | --- |\n| 1 | 2 |');
});

const row: Row = {
  config: 'c',
  pass: 'train',
  sparsity: 0.9,
  threads: 2,
  engine: 'wasm',
  ms: 150,
  min: 140,
  peer: 'pytorch',
  peerMs: 270,
  peerMin: 260,
  ratio: 1.8,
};
const results: Results = {
  environment: {
    date: '2000-01-02',
    cpu: 'A processor',
    cores: 2,
    system: 'A system',
    versions: { pytorch: '1.2.3' },
    runs: 7,
    settings: {},
    notes: ['tensorflow was not measured: no compiler'],
    minutes: 10,
  },
  rows: [row, { ...row, peer: 'keras', peerMs: 300, ratio: 2 }, { ...row, sparsity: 0, ratio: 0.9, ms: 300 }],
  profiles: [
    { ...row, overhead: 0.08, functions: [{ name: 'backward', place: 'WebAssembly', share: 0.6 }] },
    { ...row, sparsity: 0, overhead: 0.2, functions: [{ name: 'copy', place: 'Node', share: 0.2 }] },
  ],
};

test('the report has a row a case with every peer beside ours', () => {
  const readme = drawReadme(results);
  assert.match(readme, /## Train step, 2 threads, engine wasm/);
  assert.match(readme, /\| c \| 0 % \| 300 \| 270 \(0\.90\) \| {2}\|/);
  assert.match(readme, /\| c \| 90 % \| 150 \| 270 \(1\.80\) \| 300 \(2\.00\) \|/);
});

test('the report says what was reached, what was missed by how much, and what was not measured', () => {
  const readme = drawReadme(results);
  assert.match(readme, /\| c \| train \| 0 % .* ≥ 0\.45 \| 0\.90 \| 0\.90 \| reached \|/);
  assert.match(readme, /\| c \| train \| 90 % .* ≥ 2\.00 \| 1\.80 \| 1\.80 \| \*\*missed\*\* by 10 % \|/);
  assert.match(readme, /\| a \| train \| 80 % .* – \| {2}\| not measured \|/);
  assert.match(
    readme,
    /\| c \| train \| 0 % .* overhead \| < 15 % \| 20 % \| {2}\| \*\*missed\*\* by 5\.0 % of a step \|/,
  );
  assert.match(readme, /tensorflow was not measured: no compiler/);
});

test('where a target is missed, the report says where the time goes', () => {
  const [, missed] = drawReadme(results).split('## Where the time goes');
  assert.match(missed, /### c, train, 90 %, 2 threads, wasm[^#]*\| 60 % \| `backward` \| WebAssembly \|/);
  assert.match(missed, /### c, train, 0 %, 2 threads, wasm[^#]*\| 20 % \| `copy` \| Node \|/);
});

test('what other machines reached follows, and why they missed it, without what they did not measure', () => {
  const [, earlier] = drawReadme(results, new Map([['earlier/one.json', results]])).split(
    '## On another machine',
  );
  assert.match(earlier, /, 2000-01-02/);
  assert.match(earlier, /`earlier\/one\.json`/);
  assert.match(earlier, /\| c \| train \| 90 % .* 1\.80 \| 1\.80 \| \*\*missed\*\* by 10 % \|/);
  assert.match(earlier, /#### c, train, 90 %, 2 threads, wasm[^#]*\| 60 % \| `backward`/);
  assert.doesNotMatch(earlier, /\| not measured \||earlier version/);
  assert.match(earlier, /- tensorflow was not measured: no compiler/);
  const { environment } = results;
  const newer = { ...results, environment: { ...environment, kernels: 'other' } };
  assert.match(
    drawReadme(newer, new Map([['earlier/one.json', results]])),
    /kernels were an earlier version/,
  );
});
