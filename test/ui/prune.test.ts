import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { withoutShared } from '../support/paths.ts';
import { openWorkbench } from '../support/workbench.ts';

const share = /How many of the weights/;
const scope = /Over what do the weights compete/;
const data = /Data to measure the loss on/;
const epochs = /How many epochs/;

describe('Prune LSTM', () => {
  const workbench = openWorkbench();

  it('runs from the palette and shows the loss before and after', { skip: withoutShared }, async () => {
    const window = workbench();
    const model = window.path('predmaint/binary_model.h5');
    const original = await readFile(model);
    await window.runCommandThatAsks('Prune LSTM');
    await window.pick('binary_model.h5');
    await window.pick(/^90\s?%/);
    await window.pick('Each layer');
    await window.pick('cmapss_failure_within_30.npz');
    await window.pick('No fine-tuning');

    await window.panel.getByRole('heading', { name: 'binary_model.pruned.h5' }).waitFor();
    assert.match(await window.card('Loss'), /0\.055\d* → 0\.\d+/);
    assert.match(await window.card('Accuracy'), /97\.85\s?% →/);
    assert.match(await window.card('Sparsity'), /→ 90\.0\s?%/);
    // Two layers of four gates each.
    assert.equal(await window.panel.locator('table.gates').count(), 2);
    assert.equal(await window.panel.locator('table.gates tbody tr').count(), 8);
    await window.screenshot('result');

    assert.ok(existsSync(window.path('predmaint/binary_model.pruned.h5')));
    assert.ok(original.equals(await readFile(model)), 'the original was changed');
  });

  it('runs on a right-click, and offers the last choices the next time', async () => {
    const window = workbench();
    await window.contextMenu(await window.reveal('reber/reber.keras'), 'Prune LSTM');
    await window.pick(/^70\s?%/);
    await window.pick('The whole model');
    await window.pick('reber.npz');
    await window.pick('No fine-tuning');
    await window.panel.getByRole('heading', { name: 'reber.pruned.keras' }).waitFor();

    await window.contextMenu(await window.reveal('reber/reber.keras'), 'Prune LSTM');
    for (const step of [share, scope, data, epochs]) await window.acceptDefault(step);
    await window.panel.getByRole('heading', { name: 'reber.pruned-2.keras' }).waitFor();
    assert.match(await window.card('Sparsity'), /→ 70\.0\s?%/);
    assert.match(await window.card('Loss'), /0\.\d+ → \d\.\d+/);
    const written = ['reber/reber.pruned.keras', 'reber/reber.pruned-2.keras'];
    const [first, second] = await Promise.all(written.map((name) => readFile(window.path(name))));
    assert.equal(first.length, second.length);
  });

  it('prunes every file that is selected', { skip: withoutShared }, async () => {
    const window = workbench();
    const last = await window.selectRows(['predmaint/binary_model.h5', 'predmaint/regression_model.h5']);
    await window.contextMenu(last, 'Prune LSTM');
    await window.acceptDefault(share);
    await window.acceptDefault(scope);
    await window.pick('No data');
    await window.panel.getByRole('heading', { name: 'regression_model.pruned.h5' }).waitFor();
    for (const name of ['binary_model.pruned-2.h5', 'regression_model.pruned.h5']) {
      assert.ok(existsSync(window.path(`predmaint/${name}`)), `${name} was not written`);
    }
  });
});
