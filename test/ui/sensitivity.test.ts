import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { auditPanel } from '../support/auditPanel.ts';
import { openWorkbench } from '../support/workbench.ts';

const longest = 120_000;

describe('Analyze Sensitivity', () => {
  const workbench = openWorkbench();

  it('is started from the panel of the gates, and ranks them by what pruning each alone costs', async () => {
    const window = workbench();
    await (await window.reveal('reber/reber.keras')).dblclick();
    await window.panel.getByRole('button', { name: 'Analyze Sensitivity…' }).click();
    await window.pick('reber.npz');
    await window.tab('Sensitivity: reber.keras').waitFor({ timeout: longest });
    const rows = window.panel.locator('table.parts').first().locator('tbody tr');
    await rows.first().waitFor();
    assert.equal(await rows.count(), 8);
    // As README tells.
    assert.match(
      (await rows.first().innerText()).replaceAll(/\s+/g, ' '),
      /^lstm\/recurrent\/c 1,600 50\.0% 0\.2611/,
    );
    assert.match(await window.card('Loss'), /0\.\d+/);
    assert.equal(await window.panel.locator('.sensitivity-chart').count(), 2);
  });

  it('tells of the units and gates in sentences', async () => {
    const told = workbench().panel.getByRole('region', { name: 'Units and gates on the data' });
    assert.match(await told.innerText(), /silent at every step/);
    assert.match(
      await told.innerText(),
      /f \(forget\) is shut in \d+\.\d% and open in \d+\.\d% of all units/,
    );
  });

  it('shows the losses of a curve that has the focus', async () => {
    const { panel, page } = workbench();
    const cell = panel.locator('.curve-cell').first();
    await page.mouse.move(0, 0);
    assert.ok(!(await cell.locator('.curve-losses').isVisible()));
    await cell.locator('svg').focus();
    assert.match(
      await cell.locator('.curve-losses').innerText(),
      /^0\.4\d+ at 0\.0%[\s\S]*\n1\.5\d+ at 90\.0%\n/,
    );
    const name = await cell.getByRole('img').getAttribute('aria-label');
    assert.match(name ?? '', /^Loss by sparsity of lstm\/recurrent\/c: .* at 99\.0%\.$/);
  });

  it('keeps to the theme, light and dark, with nothing that axe objects to', async () => {
    const window = workbench();
    await window.panel.locator('summary', { hasText: 'Loss at each sparsity' }).click();
    for (const theme of ['light', 'dark'] as const) {
      await window.setTheme(theme);
      await window.panel.getByRole('heading', { name: 'reber.keras' }).scrollIntoViewIfNeeded();
      await window.screenshot(`sensitivity-${theme}`);
      const { violations } = await auditPanel(window);
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(', ')}`),
        [],
      );
    }
    await window.panel.locator('.sensitivity-chart').last().scrollIntoViewIfNeeded();
    await window.screenshot('sensitivity-charts');
    await window.panel.getByRole('region', { name: 'Units and gates on the data' }).scrollIntoViewIfNeeded();
    await window.screenshot('sensitivity-findings');
  });

  it('is drawn again after a reload', async () => {
    const window = workbench();
    const before = await window.panel.locator('table.parts').first().textContent();
    await window.reload();
    await window.panel.locator('table.parts').first().waitFor();
    assert.equal(await window.panel.locator('table.parts').first().textContent(), before);
  });

  it('opens its report', async () => {
    const window = workbench();
    await window.panel.getByRole('button', { name: 'Open Report' }).click();
    await window.tab('reber.sensitivity.html').waitFor();
    await window.panel.getByRole('heading', { name: 'Sensitivity report: reber.keras' }).waitFor();
  });
});
