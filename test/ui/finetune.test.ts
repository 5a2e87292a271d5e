import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { auditPanel } from '../support/auditPanel.ts';
import { openWorkbench } from '../support/workbench.ts';

/** Training takes its time. */
const minutes = { timeout: 180_000 };

describe('fine-tuning', () => {
  const workbench = openWorkbench();

  /** Answers the questions up to the epochs. */
  async function askEpochs(): Promise<Window> {
    const window = workbench();
    await window.contextMenu(await window.reveal('reber/reber.keras'), 'Prune LSTM');
    await window.pick(/^80\s?%/);
    await window.pick('Each layer');
    await window.pick('reber.npz');
    await window.page.getByPlaceholder(/How many epochs/).waitFor();
    return window;
  }

  it('is asked for with its settings, a step back leads to the data', async () => {
    const window = await askEpochs();
    await window.pick('Optimizer: from the file');
    await window.pick('RMSprop');
    await window.pick("Learning rate: the file's own where its optimizer is used, else 0.001");
    await window.type(/Learning rate; leave it empty/, '0.002');
    await window.pick('Gradient clipping: off');
    await window.type(/Norm to which larger gradients/, '1.5');
    await window.pick('Early stopping: after 3 epochs');
    await window.type(/Epochs without a lower validation loss/, '0');
    await window.pick('Small dense model to compare with: none');
    for (const text of [
      'Optimizer: RMSprop',
      'Learning rate: 0.002',
      'Gradient clipping: to a norm of 1.5',
      'Early stopping: off',
      'Small dense model to compare with: trained from scratch',
    ])
      await window.quickInput.locator('.monaco-list-row', { hasText: text }).waitFor();
    await window.screenshot('finetune-questions');
    await window.quickInput.getByRole('button', { name: 'Back' }).click();
    await window.page.getByPlaceholder(/Data to measure the loss on/).waitFor();
    await window.pick('reber.npz');
    await typeEpochs(window, 4);
  });

  it('tells how it goes, and shows what it did in the panel', minutes, async () => {
    const window = workbench();
    const running = window.page.locator('.notification-list-item', { hasText: /Epoch \d of 4/ });
    await running.first().waitFor({ timeout: 60_000 });
    await window.screenshot('finetune-progress');
    const title = window.panel.getByRole('heading', { name: 'reber.pruned.keras' });
    await title.waitFor({ timeout: 120_000 });
    const section = window.panel.getByRole('region', { name: 'Fine-tuning' });
    const text = (await section.textContent()) ?? '';
    assert.match(text, /4 of 4 epochs, weights of epoch 4/);
    assert.match(text, /RMSprop, learning rate 0\.002/);
    const loss = section.locator('.states tr', { hasText: 'Loss' }).locator('td');
    const [before, pruned, after] = (await loss.allTextContents()).map(Number);
    assert.ok(before > 0 && after < pruned, `${before}, ${pruned}, ${after}`);
    const chart = section.getByRole('img', {
      name: /Training and validation loss by epoch\. Training loss from/,
    });
    assert.equal(await chart.locator('circle.point.training').count(), 4);
    assert.equal(await chart.locator('circle.point.validation').count(), 4);
    await section.getByText('Epoch by epoch').first().click();
    assert.equal(await section.locator('table.by-epoch tbody tr').count(), 4);
    assert.match(await window.card('Sparsity'), /→ 80\.0\s?%/);
    const control = window.panel.getByRole('region', { name: 'Small dense model of the same size' });
    const units = control.locator('tr', { hasText: 'Units of lstm' }).locator('td');
    const [own, small] = (await units.allTextContents()).map(Number);
    assert.ok(own === 40 && small > 0 && small < 40, `${own}, ${small}`);
    const trained = control.locator('tr', { hasText: 'Epochs of training' }).locator('td');
    assert.deepEqual(await trained.allTextContents(), ['4', '4']);
  });

  it('keeps to the theme, light and dark, with nothing that axe objects to', async () => {
    const window = workbench();
    for (const theme of ['light', 'dark'] as const) {
      await window.setTheme(theme);
      await window.panel.getByRole('region', { name: 'Fine-tuning' }).scrollIntoViewIfNeeded();
      await window.screenshot(`finetune-${theme}`);
      await window.panel.getByRole('region', { name: 'Small dense model' }).scrollIntoViewIfNeeded();
      await window.screenshot(`control-${theme}`);
      const { violations } = await auditPanel(window);
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(', ')}`),
        [],
      );
    }
  });

  it('goes on where a cancel is not meant, and keeps the best weights where it is', minutes, async () => {
    const window = await askEpochs();
    await typeEpochs(window, 400);
    await cancelInEpoch(window);
    await window.page
      .getByPlaceholder(/Keep the best weights so far \(validation loss [\d.]+ after epoch/)
      .waitFor();
    await window.screenshot('finetune-keep');
    await window.page.keyboard.press('Escape');
    await cancelInEpoch(window);
    await window.pick('Keep');
    await window.panel.getByRole('heading', { name: 'reber.pruned-2.keras' }).waitFor({ timeout: 60_000 });
    const text = await window.panel.getByRole('region', { name: 'Fine-tuning' }).textContent();
    assert.match(text ?? '', /stopped by hand/);
    assert.ok(existsSync(window.path('reber/reber.pruned-2.keras')));
  });

  it('writes nothing where it is discarded', minutes, async () => {
    const window = await askEpochs();
    const before = await readdir(window.path('reber'));
    await typeEpochs(window, 400);
    await cancelInEpoch(window);
    await window.pick('Discard');
    await window.notification(/^Cancelled\. Nothing was written; Prune LSTM with the same choices goes on/);
    assert.deepEqual(await readdir(window.path('reber')), before);
  });

  it('is resumed from the message of its process having died', minutes, async () => {
    const window = await askEpochs();
    await typeEpochs(window, 12);
    await window.page
      .locator('.notification-list-item', { hasText: /Epoch ([3-9]|1\d) of 12/ })
      .first()
      .waitFor({ timeout: 90_000 });
    const [pid] = window.backgroundProcesses();
    process.kill(pid, 'SIGKILL');
    await window.notification(/^The background process ended unexpectedly/);
    await window.screenshot('finetune-resume');
    await window.notificationButton('Resume Fine-Tuning');
    await window.panel.getByRole('heading', { name: 'reber.pruned-3.keras' }).waitFor({ timeout: 120_000 });
    const text = await window.panel.getByRole('region', { name: 'Fine-tuning' }).textContent();
    assert.match(text ?? '', /12 of 12 epochs.*resumed after epoch \d/s);
  });
});

type Window = ReturnType<ReturnType<typeof openWorkbench>>;

/** Types a number of epochs and chooses what the list makes of it. */
async function typeEpochs(window: Window, epochs: number): Promise<void> {
  await window.page.getByPlaceholder(/How many epochs/).fill(String(epochs));
  await window.pick(`${epochs} epochs`);
}

/** Presses Cancel in the notification as soon as an epoch is whole. */
async function cancelInEpoch(window: Window): Promise<void> {
  const running = window.page.locator('.notification-list-item', { hasText: /Epoch (?!1 )\d+ of/ }).first();
  await running.waitFor({ timeout: 90_000 });
  await running.getByRole('button', { name: 'Cancel' }).click();
}
