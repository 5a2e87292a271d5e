import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { smallDisk, withoutDisks } from '../../support/smallDisk.ts';
import { assertFails, json, lstmPruner } from './command.ts';
import { commandFiles } from './commandFiles.ts';

const { write, model, inPlace } = await commandFiles();

test('--report writes a page, Markdown or JSON beside the result', async () => {
  await inPlace(async ({ model: path, folder }) => {
    for (const [suffix, start] of [
      ['.html', /^<!doctype html>/i],
      ['.md', /^#/],
      ['.json', /^\{/],
    ] as const) {
      const file = join(folder, `report${suffix}`);
      await json(['prune', path, '--sparsity', '0.5', '--report', file]);
      assert.match(readFileSync(file, 'utf8'), start);
      await assertFails(['prune', path, '--sparsity', '0.5', '--report', file], 1, basename(file), '--force');
      await json(['prune', path, '--sparsity', '0.5', '--report', file, '--force']);
    }
    const files = readdirSync(folder).length;
    await assertFails(
      ['prune', path, '--sparsity', '0.5', '--report', join(folder, 'report.pdf')],
      2,
      '.html, .md or .json',
    );
    assert.equal(readdirSync(folder).length, files);
  });
});

test('--out names the output; the original is refused, another file needs --force', async () => {
  await inPlace(async ({ model: path, folder, files }) => {
    const out = join(folder, 'small.h5');
    assert.equal((await json(['prune', path, '--sparsity', '0.5', '--out', out])).output, out);
    await assertFails(['prune', path, '--sparsity', '0.9', '--out', out], 1, 'small.h5', '--force');
    assert.equal((await json(['inspect', out])).sparsity, 0.5);
    await json(['prune', path, '--sparsity', '0.75', '--out', out, '--force']);
    assert.equal((await json(['inspect', out])).sparsity, 0.75);
    await assertFails(['prune', path, '--sparsity', '0.5', '--out', path, '--force'], 1, 'original');
    await assertFails(['prune', path, '--sparsity', '0.5', '--out', join(folder, 'a.keras')], 1, '.h5');
    assert.deepEqual(files(), ['model.h5', 'small.h5']);
  });
});

test('an output or a report that has no place is refused before any work, naming the folder', async () => {
  await inPlace(async ({ model: path, folder, files }) => {
    const missing = join(folder, 'none');
    const prune = ['prune', path, '--sparsity', '0.5'];
    await assertFails([...prune, '--report', join(missing, 'r.html')], 1, 'r.html', `no folder ${missing}`);
    await assertFails([...prune, '--out', join(missing, 'm.h5')], 1, 'm.h5', `no folder ${missing}`);
    for (const name of ['r.md', 'm.h5']) mkdirSync(join(folder, name));
    await assertFails([...prune, '--report', join(folder, 'r.md'), '--force'], 1, 'it is a folder');
    await assertFails([...prune, '--out', join(folder, 'm.h5'), '--force'], 1, 'it is a folder');
    assert.deepEqual(files(), ['m.h5', 'model.h5', 'r.md']);
  });
});

const skip = withoutDisks();
test('a full disk takes the report, not the result', { skip }, async () => {
  const disk = smallDisk(4);
  assert.ok(disk);
  try {
    await inPlace(async ({ model: path, files }) => {
      copyFileSync(write('page', Buffer.alloc(4096)), join(disk.folder, 'page'));
      const report = join(disk.folder, 'r.html');
      const { code, out, err } = await lstmPruner([
        ...['prune', path, '--sparsity', '0.5', '--json', '--report', report],
      ]);
      assert.equal(code, 1);
      assert.equal(JSON.parse(out).after.sparsity, 0.5);
      assert.match(
        err,
        /^The model was written to [^\n]*model\.pruned\.h5, but [^\n]*r\.html[^\n]*no space[^\n]*\n$/,
      );
      assert.deepEqual(files(), ['model.h5', 'model.pruned.h5']);
    });
  } finally {
    disk.remove();
  }
});

test('a read-only folder is found before the model is measured', { skip }, async () => {
  const disk = smallDisk(200);
  assert.ok(disk);
  try {
    const path = join(disk.folder, 'model.h5');
    copyFileSync(model, path);
    disk.makeReadOnly();
    const own = [path, '--sparsity', '0.5'];
    // Data that is not there would be missed next.
    await assertFails(
      ['prune', ...own, '--data', 'none.npz'],
      1,
      'model.pruned.h5',
      `${disk.folder} is read-only`,
    );
    const report = join(disk.folder, 'r.html');
    await assertFails(
      ['prune', model, ...own.slice(1), '--report', report],
      1,
      `${disk.folder} is read-only`,
    );
  } finally {
    disk.remove();
  }
});

test('that nobody reads the result to its end is no error', async () => {
  const { code, err } = await lstmPruner(['inspect', model], { unread: true });
  assert.deepEqual([code, err], [0, '']);
});
