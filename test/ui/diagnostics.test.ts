import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { smallTfjs, writeTfjs } from '../support/tfjsModel.ts';
import { openWorkbench } from '../support/workbench.ts';

describe('diagnostics', () => {
  const workbench = openWorkbench();

  it('stand on the lines of a model shown as text and name the file', async () => {
    const window = workbench();
    await window.contextMenu(await window.reveal('reber/reber.keras'), 'Show Gates as Text');
    await window.tab('reber.keras').waitFor();
    const problems = await window.problems();
    const finding = problems.filter({ hasText: /reber\.keras: .*near zero/ });
    await finding.first().waitFor();
    await window.screenshot('diagnostics');
    await finding.first().dblclick();
    await window.page.locator('.editor-instance .cdr.squiggly-info').first().waitFor();
  });

  it('offer to prune, as a quick fix on their line', async () => {
    const window = workbench();
    await window.lightBulb('40 units', 'Prune LSTM');
    await window.page.getByPlaceholder(/How many of the weights/).waitFor();
    await window.page.keyboard.press('Escape');
  });

  it('offer to show the gates, as a quick fix in the Problems view', async () => {
    const window = workbench();
    const problems = await window.problems();
    await window.quickFix(problems.filter({ hasText: /near zero/ }).first(), 'Show gates');
    await window.panel.getByRole('heading', { name: 'reber.keras' }).waitFor();
  });

  it('go with the file', async () => {
    const window = workbench();
    const problems = await window.problems();
    await problems.first().waitFor();
    await rm(window.path('reber/reber.keras'));
    await problems.first().waitFor({ state: 'hidden' });
    assert.equal(await problems.count(), 0);
  });
});

describe('diagnostics of a model.json that is open as text', () => {
  const workbench = openWorkbench();

  it('stand on the name of its layer', async () => {
    const window = workbench();
    // Into a folder that is still closed, so that the explorer need not hear of it.
    writeTfjs(window.path('reber'), smallTfjs(1, { indent: 2 }));
    await (await window.reveal('reber/model.json')).dblclick();
    const problems = await window.problems();
    const finding = problems.filter({ hasText: /model\.json: .*near zero.*\[Ln 11,/ });
    await finding.first().waitFor();
    await finding.first().dblclick();
    await window.page.locator('.editor-instance .cdr.squiggly-info').first().waitFor();
    await window.screenshot('model-json');
  });

  it('offer to prune, as a quick fix there', async () => {
    const window = workbench();
    const problems = await window.problems();
    await window.quickFix(problems.filter({ hasText: /near zero.*\[Ln 11,/ }).first(), 'Prune LSTM');
    await window.page.getByPlaceholder(/How many of the weights/).waitFor();
    await window.page.keyboard.press('Escape');
  });
});
