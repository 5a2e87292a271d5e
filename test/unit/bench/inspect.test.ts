import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSame } from '../../../bench/inspect/race.ts';
import { drawInspect, type InspectResults } from '../../../bench/inspect/report.ts';

const results: InspectResults = {
  stack: { layers: 8, units: 1250 },
  rows: [
    { file: 'model.pt', peer: 'PyTorch', ours: 800, other: 1000 },
    { file: 'model.h5', peer: 'h5py', ours: 600, other: 500 },
  ],
  rounds: 5,
  load: [1, 2.5],
  date: '2000-01-02',
  machine: 'a machine',
  versions: { node: '1', torch: '2' },
};

test('the page shows both times, the load and beside whom the target is missed', () => {
  const page = drawInspect(results);
  assert.match(
    page,
    /\| `model\.pt` \| 800 \| PyTorch \| 1000 \| 1\.25 \|\n\| `model\.h5` \| 600 \| h5py \| 500 \| 0\.83 \|/,
  );
  assert.match(page, /a machine; node 1, torch 2\. Load average 1\.0 before, 2\.5 after/);
  assert.match(page, /\*\*missed\*\* beside h5py \(`model\.h5`\)\./);
  const reached = { ...results, rows: results.rows.slice(0, 1) };
  assert.match(drawInspect(reached), /reached in every format/);
});

test('sparsities are compared in any order, and have to be the same', () => {
  checkSame([0.5, 0, 0.25], [0.25, 0.5, 0], 'a file');
  assert.throws(() => checkSame([0.5, 0], [0.5, 0.1], 'a file'), /a file: the sparsities differ/);
  assert.throws(() => checkSame([0.5, 0], [0.5], 'a file'), /differ/);
});
