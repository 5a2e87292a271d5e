import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { prune } from '../../../extension/jobs/prune.ts';
import { recordedContext } from '../../support/jobContext.ts';
import { quantizedTfjs, smallTfjs, writeTfjs } from '../../support/tfjsModel.ts';

const folder = mkdtempSync(join(tmpdir(), 'lstm-pruner-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('a model.json is pruned into a folder beside it, which no advice to compress goes with', async () => {
  const path = writeTfjs(join(folder, 'a'), smallTfjs());
  const report = await prune({ path, recipe: { sparsity: 0.5 } }, recordedContext());
  assert.equal(report.output, join(dirname(path), 'model.pruned', 'model.json'));
  assert.equal(report.after.sparsity, 0.5);
  const codes = report.notes.map(({ code }) => code);
  assert.ok(codes.includes('noteFileNeverSmaller') && !codes.includes('noteFileNotSmaller'), codes.join());
  assert.deepEqual(readdirSync(join(folder, 'a')).sort(), [
    'group1-shard1of1.bin',
    'group2-shard1of1.bin',
    'model.json',
    'model.pruned',
  ]);
});

test('the name of a folder may end in the slash that shells put behind it', async () => {
  const path = writeTfjs(join(folder, 'slash'), smallTfjs());
  const output = join(folder, 'chosen');
  const report = await prune({ path, output: `${output}/`, recipe: { sparsity: 0.5 } }, recordedContext());
  assert.equal(report.output, join(output, 'model.json'));
  assert.ok(existsSync(report.output));
});

test('a report says which weights left their integers', async () => {
  const path = writeTfjs(join(folder, 'b'), quantizedTfjs(-3.95));
  const report = await prune({ path, recipe: { sparsity: 0.5 } }, recordedContext());
  const note = report.notes.find(({ code }) => code === 'noteStoredAsFloat');
  assert.deepEqual(note?.args, { parameters: ['lstm/kernel'] });
  assert.ok(existsSync(report.output));
});
