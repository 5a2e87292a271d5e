import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { sha256 } from '../../support/jobContext.ts';
import { assertFails, json, lstmPruner } from './command.ts';
import { commandFiles } from './commandFiles.ts';

const { model, data, write, inPlace } = await commandFiles();
const quick = ['--data', data, '--levels', '0.5,0.9'];

test('sensitivity --json is one document in the shape of the contract', async () => {
  const before = sha256(model);
  const report = await json(['sensitivity', model, ...quick]);
  assert.equal(typeof report.baseline, 'number');
  const rows = report.rows as Record<string, unknown>[];
  assert.equal(rows.length, 4 * 2 * 2);
  for (const row of rows)
    assert.deepEqual(Object.keys(row).sort(), ['gate', 'layer', 'loss', 'matrix', 'sparsity']);
  assert.deepEqual(
    { ...rows[0], loss: 0 },
    { layer: 'lstm', gate: 'i', matrix: 'kernel', sparsity: 0.5, loss: 0 },
  );
  const { loss } = await json(['evaluate', model, '--data', data]);
  assert.equal(report.baseline, loss);
  assert.equal(sha256(model), before);
});

test('sensitivity without --json is a table for people', async () => {
  const { code, out, err } = await lstmPruner(['sensitivity', model, ...quick]);
  assert.deepEqual([code, err], [0, '']);
  assert.match(out, /^lstm\/kernel\/i +15 /m);
  assert.match(out, /Units and gates on the data/);
});

test('sensitivity takes what judges the weights from flags, and from a recipe that says more than that', async () => {
  const recipe = write(
    'all.lstmprune.json',
    JSON.stringify({ data, criterion: 'taylor', granularity: 'row', samples: 3, sparsity: 0.5, epochs: 4 }),
  );
  const report = await json([
    'sensitivity',
    model,
    '--recipe',
    recipe,
    '--levels',
    '0.4',
    '--criterion',
    'l2',
  ]);
  assert.deepEqual(report.options, {
    ...{ data, criterion: 'l2', granularity: 'row', samples: 3, levels: [0.4] },
  });
  assert.equal((report.data as { samples: number }).samples, 3);
});

test('sensitivity writes its report in the format of the name', async () => {
  await inPlace(async ({ model: path, folder, files }) => {
    for (const [name, part] of [
      ['r.html', '<svg role="img"'],
      ['r.md', '| lstm/kernel/i |'],
      ['r.json', '"baseline"'],
    ]) {
      const report = join(folder, name);
      assert.equal((await lstmPruner(['sensitivity', path, ...quick, '--report', report])).code, 0);
      assert.ok(readFileSync(report, 'utf8').includes(part), name);
    }
    await assertFails(
      ['sensitivity', path, ...quick, '--report', join(folder, 'r.md')],
      1,
      'r.md',
      '--force',
    );
    assert.deepEqual(files(), ['model.h5', 'r.html', 'r.json', 'r.md']);
  });
});

test('sensitivity refuses what it cannot do', async () => {
  const measure = (...args: string[]) => ['sensitivity', model, ...args];
  await assertFails(measure(), 2, '--data');
  await assertFails(measure('--data', data, '--levels', '0.5,x'), 2, '--levels');
  await assertFails(measure('--data', data, '--levels', ''), 2, '--levels');
  await assertFails(measure('--data', data, '--criterion', 'movement'), 2, 'movement', 'training');
  await assertFails(measure('--data', data, '--criterion', 'threshold'), 2, '--criterion', 'magnitude');
  await assertFails(measure('--data', data, '--granularity', 'n:m'), 2, '--granularity', 'weight');
  await assertFails(measure('--data', data, '--sparsity', '0.5'), 2, '--sparsity');
  await assertFails(measure('--data', data, '--report', 'r.txt'), 2, '.html, .md or .json');
  await assertFails(['prune', model, '--sparsity', '0.5', '--levels', '0.5'], 2, '--levels');
});

test('a criterion that judges by data is refused without, and movement before any training', async () => {
  const prune = (...args: string[]) => ['prune', model, '--sparsity', '0.5', '--criterion', ...args];
  await assertFails(prune('taylor'), 2, 'taylor', '--data');
  await assertFails(prune('movement', '--data', data), 2, 'movement', 'oneshot');
});
