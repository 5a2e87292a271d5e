import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { auditPanel } from '../support/auditPanel.ts';
import { deepLegacy } from '../support/deepModel.ts';
import { writeKerasH5 } from '../support/kerasFile.ts';
import { openWorkbench } from '../support/workbench.ts';

describe('a recipe', () => {
  const workbench = openWorkbench();
  const saved = 'reber/reber.lstmprune.json';

  it('is chosen in the questions: what judges, what goes as one, how much', async () => {
    const window = workbench();
    await window.contextMenu(await window.reveal('reber/reber.keras'), 'Prune LSTM');
    await window.pick('Granularity: Single weights');
    await window.screenshot('recipe-granularities');
    await window.pick('Hidden units');
    await window.pick('Remove pruned units from the file');
    await window.pick('Criterion: Magnitude');
    await window.screenshot('recipe-criteria');
    await window.quickInput.locator('input').fill('unit activation');
    await window.pick('Unit activation');
    for (const text of ['Criterion: Unit activation', 'Granularity: Hidden units, removed from the file'])
      await window.quickInput.locator('.monaco-list-row', { hasText: text }).waitFor();
    await window.screenshot('recipe-questions');
    await window.pick(/^50\s?%/);
    await window.pick('Each layer');
    // The criterion needs data, so there is no going on without.
    await window.page.getByPlaceholder(/Data to measure the loss on/).waitFor();
    assert.equal(await window.quickInput.locator('.monaco-list-row', { hasText: 'No data' }).count(), 0);
    await window.pick('reber.npz');
    await window.pick('No fine-tuning');
    await window.panel.getByRole('heading', { name: 'reber.pruned.keras' }).waitFor();
  });

  it('is told in words by the panel, with the units that are gone', async () => {
    const window = workbench();
    const facts = (await window.panel.locator('.details').first().innerText()).replaceAll(/\s+/g, ' ');
    assert.match(facts, /Criterion Unit activation Granularity Hidden units, removed from the file/);
    assert.match(facts, /Scope Each layer Target 50\.0% of them Schedule All at once/);
    assert.match(await window.card('Prunable weights that are gone'), /0\.0\s?% → 7\d\.\d\s?%/);
    const units = window.panel.getByRole('region', { name: 'Hidden units' });
    assert.match((await units.innerText()).replaceAll(/\s+/g, ' '), /lstm 40 20/);
    for (const theme of ['light', 'dark'] as const) {
      await window.setTheme(theme);
      await window.screenshot(`recipe-result-${theme}`);
      const { violations } = await auditPanel(window);
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(', ')}`),
        [],
      );
    }
  });

  it('is saved from the panel beside the model', async () => {
    const window = workbench();
    await window.panel.getByRole('button', { name: 'Save Recipe…' }).click();
    await window.quickInput.locator('input').waitFor();
    await window.screenshot('recipe-save');
    await window.quickInput.getByRole('button', { name: 'OK' }).click();
    await window.notification(/The recipe was saved to reber\.lstmprune\.json/);
    const { criterion, granularity, shrink, data, sparsity } = JSON.parse(
      await readFile(window.path(saved), 'utf8'),
    );
    assert.deepEqual(
      [criterion, granularity, shrink, data, sparsity],
      ['activation', 'unit', true, 'reber.npz', 0.5],
    );
  });

  it('prunes on a right-click, and gives the same again', async () => {
    const window = workbench();
    await window.contextMenu(await window.reveal(saved), 'Prune LSTM with Recipe…');
    await window.pick('reber.keras');
    await window.panel.getByRole('heading', { name: 'reber.pruned-2.keras' }).waitFor();
    const [first, second] = await Promise.all(
      ['reber/reber.pruned.keras', 'reber/reber.pruned-2.keras'].map((name) => readFile(window.path(name))),
    );
    assert.deepEqual(second, first);
  });

  it('that includes other weights has them in a table of their own', async () => {
    const window = workbench();
    await writeFile(window.path(saved), '{ "sparsity": 0.5, "include": "dense*" }');
    await window.contextMenu(await window.reveal(saved), 'Prune LSTM with Recipe…');
    await window.pick('reber.keras');
    await window.panel.getByRole('heading', { name: 'reber.pruned-3.keras' }).waitFor();
    const others = window.panel.getByRole('region', { name: 'Other weights that were pruned' });
    assert.match((await others.innerText()).replaceAll(/\s+/g, ' '), /dense\/kernel 280 0\.0\s?% 50\.0\s?%/);
    await others.scrollIntoViewIfNeeded();
    await window.screenshot('recipe-included');
  });

  it('takes whole layers out of a file, and tells which went and why others stay', async () => {
    const window = workbench();
    await writeKerasH5(window.path('reber/deep.h5'), deepLegacy());
    await writeFile(window.path('reber/deep.lstmprune.json'), '{ "granularity": "layer", "sparsity": 1 }');
    await window.contextMenu(await window.reveal('reber/deep.h5'), 'Prune LSTM with Recipe…');
    await window.pick('deep.lstmprune.json');
    await window.panel.getByRole('heading', { name: 'deep.pruned.h5' }).waitFor();
    const units = window.panel.getByRole('region', { name: 'Hidden units' });
    assert.match(
      (await units.innerText()).replaceAll(/\s+/g, ' '),
      /middle 4 0 lower 4 4 cannot be removed: the width of its outputs \(4\) is not that of its inputs \(3\) lstm 5 5 cannot be removed: only its last/,
    );
    await window.panel.getByText('4 inputs, 4 units · removed from the file').waitFor();
    for (const theme of ['light', 'dark'] as const) {
      await window.setTheme(theme);
      await window.screenshot(`layers-result-${theme}`);
    }
  });

  it('is offered on a right-click on a model, and shown at its fault where it is wrong', async () => {
    const window = workbench();
    await writeFile(
      window.path(saved),
      '{\n  "sparsity": 0.5,\n  "granularity": "row",\n  "block": "4x4"\n}\n',
    );
    await window.contextMenu(await window.reveal('reber/reber.keras'), 'Prune LSTM with Recipe…');
    await window.pick('reber.lstmprune.json');
    await window.tab('reber.lstmprune.json').waitFor();
    await window.notification(/block cannot be used with granularity row/);
    await window.page.locator('.editor-instance .cdr.squiggly-warning').first().waitFor();
    const problems = await window.problems();
    await problems.filter({ hasText: 'Only with granularity: block.' }).waitFor();
    await window.screenshot('recipe-fault');
    assert.ok(!existsSync(window.path('reber/reber.pruned-4.keras')));
  });
});
