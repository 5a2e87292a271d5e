import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openWorkbench } from '../support/workbench.ts';

describe('Install TensorFlow Engine', () => {
  const workbench = openWorkbench();

  it('says what it downloads and where to, and does nothing when that is not wanted', async () => {
    const window = workbench();
    await window.runCommand('LSTM Pruner: Install TensorFlow Engine');
    const dialog = window.page.locator('.monaco-dialog-box');
    await dialog.getByText('Install the TensorFlow engine?').waitFor();
    await dialog.getByText(/@tensorflow\/tfjs-node 4\.22\.0 from the npm registry.*380 MB/s).waitFor();
    await window.screenshot('install-tensorflow');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'hidden' });
    assert.equal(await window.page.getByText('Installing the TensorFlow engine').count(), 0);
  });
});
