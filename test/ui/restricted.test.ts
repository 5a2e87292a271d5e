import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { openWorkbench } from '../support/workbench.ts';

describe('a workspace that is not trusted', () => {
  const workbench = openWorkbench({ restricted: true });

  it('shows the gates of a model', async () => {
    const window = workbench();
    await window.page
      .getByRole('button', { name: /Restricted Mode/ })
      .first()
      .waitFor();
    await (await window.reveal('reber/reber.keras')).dblclick();
    await window.panel.getByRole('heading', { name: 'reber.keras' }).waitFor();
    assert.equal(await window.panel.locator('table.gates tbody tr').count(), 4);
  });

  it('offers to look at models in the explorer, but not to prune or evaluate them', async () => {
    const window = workbench();
    const row = await window.reveal('reber/reber.keras');
    assert.equal(await window.canChoose(row, 'Show Gates'), true);
    assert.equal(await window.canChoose(row, 'Prune LSTM'), false);
    assert.equal(await window.canChoose(row, 'Evaluate'), false);
    assert.equal(await window.canChoose(row, 'Analyze Sensitivity…'), false);
    assert.equal(await window.canChoose(row, 'Find the Smallest Model…'), false);
  });

  it('leads from the button that prunes to the management of trust', async () => {
    const window = workbench();
    const before = await readdir(window.path('reber'));
    await window.panel.getByRole('button', { name: 'Prune LSTM' }).click();
    await window.notification(/only in a trusted workspace/);
    await window.notificationButton('Manage Workspace Trust');
    await window.page.getByText('You are in Restricted Mode').waitFor();
    await window.screenshot('restricted');
    assert.deepEqual(await readdir(window.path('reber')), before);
  });
});
