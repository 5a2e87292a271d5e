import assert from 'node:assert/strict';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { prune } from '../../extension/jobs/prune.ts';
import { auditPanel } from '../support/auditPanel.ts';
import { recordedContext } from '../support/jobContext.ts';
import { openWorkbench } from '../support/workbench.ts';

describe('the panel', () => {
  const workbench = openWorkbench();

  it('is what a .keras file opens in', async () => {
    const window = workbench();
    await (await window.reveal('reber/reber.keras')).dblclick();
    await window.panel.getByRole('heading', { name: 'reber.keras' }).waitFor();
    assert.equal(await window.panel.locator('table.gates tbody tr').count(), 4);
    await window.screenshot('gates-dark');
  });

  it('shows the gates of a file on command, and is drawn again after a reload', async () => {
    const window = workbench();
    await window.contextMenu(await window.reveal('reber/reber.keras'), 'Show Gates');
    await window.panel.getByRole('heading', { name: 'reber.keras' }).waitFor();
    const before = await window.panel.locator('table.gates').first().textContent();
    await window.reload();
    await window.panel.getByRole('heading', { name: 'reber.keras' }).waitFor();
    assert.equal(await window.panel.locator('table.gates').first().textContent(), before);
  });

  it('follows the file after that', async () => {
    const window = workbench();
    const path = window.path('reber/reber.keras');
    const original = await readFile(path);
    const output = window.path('sparse.keras');
    await prune({ path, recipe: { sparsity: 0.5 }, output }, recordedContext());
    const shown = window.panel.locator('.card', { hasText: 'Sparsity' });
    await shown.filter({ hasText: /Sparsity\s*0\.0\s?%/ }).waitFor();
    await rename(output, path);
    await shown.filter({ hasText: /Sparsity\s*50\.0\s?%/ }).waitFor();
    await writeFile(path, original);
    await shown.filter({ hasText: /Sparsity\s*0\.0\s?%/ }).waitFor();
  });

  it('keeps to the theme, light and dark, with nothing that axe objects to', async () => {
    const window = workbench();
    for (const theme of ['light', 'dark'] as const) {
      await window.setTheme(theme);
      await window.screenshot(`gates-${theme}`);
      const { violations } = await auditPanel(window);
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(', ')}`),
        [],
      );
    }
  });

  it('is reachable by keyboard: its first action runs on Enter', async () => {
    const window = workbench();
    const prune = window.panel.getByRole('button', { name: 'Prune LSTM' });
    const focused = prune.and(window.panel.locator(':focus'));
    await window.panel.getByRole('heading', { name: 'reber.keras' }).click();
    for (let presses = 0; presses < 10 && (await focused.count()) === 0; presses++) {
      await window.page.keyboard.press('Tab');
    }
    await window.page.keyboard.press('Enter');
    await window.page.getByPlaceholder(/How many of the weights/).waitFor();
    await window.page.keyboard.press('Escape');
  });

  it('opens the report of a prune and shows where the output is', async () => {
    const window = workbench();
    await window.contextMenu(await window.reveal('reber/reber.keras'), 'Prune LSTM');
    await window.pick(/^80\s?%/);
    await window.pick('Each gate');
    await window.pick('reber.npz');
    await window.pick('No fine-tuning');
    await window.panel.getByRole('heading', { name: 'reber.pruned.keras' }).waitFor();
    await window.panel.getByRole('button', { name: 'Reveal in Explorer' }).click();
    await window.explorerRow('reber.pruned.keras').and(window.page.locator('.selected')).waitFor();
    await window.panel.getByRole('button', { name: 'Open Report' }).click();
    await window.tab('reber.pruned.html').waitFor();
    const report = window.panel.getByRole('heading', { name: 'Pruning report: reber.keras' });
    await report.waitFor();
    await window.screenshot('report');
  });
});
