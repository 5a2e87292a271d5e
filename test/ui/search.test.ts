import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { auditPanel } from '../support/auditPanel.ts';
import { writeSequenceData } from '../support/sequenceData.ts';
import { openWorkbench } from '../support/workbench.ts';

const longest = 120_000;

describe('Find the Smallest Model', () => {
  const workbench = openWorkbench();

  it('asks for data, budget, time and epochs, and tells how far it is', async () => {
    const window = workbench();
    await writeSequenceData(window.path('reber/small.npz'), 160);
    await window.contextMenu(await window.reveal('reber/reber.keras'), 'Find the Smallest Model…');
    await window.pick('small.npz');
    const answers = [
      [/How much higher may the validation loss be/, '50%', /^50%/],
      [/How long may the search take/, '8s', /^8\s?sec/],
      [/For how many epochs/, '1', /^1 epoch/],
    ] as const;
    for (const [question, text, item] of answers) {
      // Typed into the question before, it would be lost with that.
      await window.page.getByPlaceholder(question).fill(text);
      await window.pick(item);
    }
    const progress = window.page.locator('.notification-toast', { hasText: /Trial \d+ · aims at/ });
    await progress.first().waitFor({ timeout: longest });
    await window.panel.getByRole('heading', { name: 'reber.pruned.keras' }).waitFor({ timeout: longest });
    assert.ok(existsSync(window.path('reber/reber.pruned.keras')));
  });

  it('shows the model before and after, and every trial', async () => {
    const window = workbench();
    await window.panel.getByText(/^Trial \d+ is the smallest within the budget/).waitFor();
    assert.match(await window.card('Sparsity'), /0\.0% → \d+\.\d%/);
    assert.match(await window.card('Nonzero weights'), /→/);
    const rows = window.panel.locator('table.trials tbody tr');
    assert.ok((await rows.count()) > 1);
    assert.equal(await rows.filter({ hasText: 'chosen' }).count(), 1);
    assert.equal(await window.panel.locator('table.gates tbody tr').count(), 4);
  });

  it('tells of a point that has the focus', async () => {
    const { panel } = workbench();
    const points = panel.locator('.front-chart .trial');
    const trials = await panel.locator('table.trials tbody tr').count();
    assert.equal(await points.count(), trials - 1);
    await points.first().focus();
    const text = await panel.locator('.front-chart .told').innerText();
    assert.match(text, /^Trial 1: [\d,]+ nonzero weights, validation loss [\d.]+, (chosen|within|beyond)$/);
    assert.equal(await points.first().getAttribute('aria-label'), text);
  });

  it('keeps to the theme, light and dark, with nothing that axe objects to', async () => {
    const window = workbench();
    for (const theme of ['light', 'dark'] as const) {
      await window.setTheme(theme);
      await window.panel.getByRole('heading', { name: 'reber.pruned.keras' }).scrollIntoViewIfNeeded();
      await window.screenshot(`search-${theme}`);
      const { violations } = await auditPanel(window);
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(', ')}`),
        [],
      );
    }
    await window.panel.locator('table.trials').scrollIntoViewIfNeeded();
    await window.screenshot('search-trials');
  });

  it('saves the recipe of a trial, which says what the trial was', async () => {
    const window = workbench();
    await window.panel.getByRole('button', { name: 'Save Recipe… of trial 1' }).click();
    await window.quickInput.getByRole('button', { name: 'OK' }).click();
    await window.notification(/The recipe was saved to reber\.lstmprune\.json/);
    const { data, epochs, targets } = JSON.parse(
      await readFile(window.path('reber/reber.lstmprune.json'), 'utf8'),
    );
    assert.deepEqual([data, epochs, Object.keys(targets).length], ['small.npz', 1, 8]);
  });

  it('is drawn again after a reload', async () => {
    const window = workbench();
    const before = await window.panel.locator('table.trials').textContent();
    await window.reload();
    await window.panel.locator('table.trials').waitFor();
    assert.equal(await window.panel.locator('table.trials').textContent(), before);
  });

  it('shows where the output is, its gates, and the report', async () => {
    const window = workbench();
    await window.panel.getByRole('button', { name: 'Reveal in Explorer' }).click();
    await window.explorerRow('reber.pruned.keras').and(window.page.locator('.selected')).waitFor();
    await window.panel.getByRole('button', { name: 'Show Its Gates' }).click();
    await window.tab('Gates: reber.pruned.keras').waitFor();
    await window.tab('Search: reber.keras').click();
    await window.panel.getByRole('button', { name: 'Open Report' }).click();
    await window.tab('reber.pruned.html').waitFor();
    await window.panel.getByRole('heading', { name: 'Search report: reber.keras' }).waitFor();
  });
});
