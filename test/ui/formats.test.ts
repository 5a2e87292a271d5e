import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { shared, withoutShared } from '../support/paths.ts';
import { safetensorsFile, smallStack } from '../support/safetensorsFile.ts';
import { smallSavedModel, writeSavedModel } from '../support/savedModelFolder.ts';
import { smallTorch } from '../support/smallTorch.ts';
import { smallTfjs, writeTfjs } from '../support/tfjsModel.ts';
import { torchZip } from '../support/torchFile.ts';
import { openWorkbench } from '../support/workbench.ts';

describe('models of other formats than Keras', () => {
  const workbench = openWorkbench();

  /** Pictures for whoever looks. */
  async function inBothThemes(name: string): Promise<void> {
    for (const theme of ['light', 'dark'] as const) {
      await workbench().setTheme(theme);
      await workbench().screenshot(`${name}-${theme}`);
    }
  }

  it('are written by Convert Model… on a right-click, beside the original', async () => {
    const window = workbench();
    await window.contextMenu(await window.reveal('reber/reber.keras'), 'Convert Model…');
    await window.pick('ONNX');
    await window.notification(/reber[\\/]reber\.onnx was written/);
    assert.ok(existsSync(window.path('reber/reber.onnx')));
    await window.screenshot('convert');
  });

  it('ONNX: are pruned on a right-click, and shown in the panel', async () => {
    const window = workbench();
    await window.contextMenu(await window.reveal('reber/reber.onnx'), 'Prune LSTM');
    await window.pick(/^70\s?%/);
    await window.pick('The whole model');
    await window.pick('No data');
    await window.panel.getByRole('heading', { name: 'reber.pruned.onnx' }).waitFor();
    assert.match(await window.card('Sparsity'), /→ 70\.0\s?%/);
    await inBothThemes('onnx-result');
  });

  it('TensorFlow.js: become a folder, which the panel shows', async () => {
    const window = workbench();
    writeTfjs(window.path('web'), smallTfjs());
    await window.contextMenu(await window.reveal('web/model.json'), 'Prune LSTM');
    await window.pick(/^70\s?%/);
    await window.pick('The whole model');
    await window.pick('No data');
    await window.panel.getByRole('heading', { name: 'model.json' }).waitFor();
    assert.match(await window.card('Sparsity'), /→ 70\.\d\s?%/);
    assert.ok(existsSync(window.path('web/model.pruned/model.json')));
    await inBothThemes('tfjs-result');
  });

  const others: [string, string, (path: string) => void][] = [
    ['PyTorch', 'checkpoint.pt', (path) => writeFileSync(path, torchZip(smallTorch('checkpoint')))],
    ['safetensors', 'stack.safetensors', (path) => writeFileSync(path, safetensorsFile(smallStack()))],
  ];
  for (const [format, name, make] of others)
    it(`${format}: is pruned on a right-click, and shown in the panel`, async () => {
      const window = workbench();
      make(window.path(`reber/${name}`));
      await window.contextMenu(await window.reveal(`reber/${name}`), 'Prune LSTM');
      await window.pick(/^70\s?%/);
      await window.pick('The whole model');
      await window.pick('No data');
      await window.panel.getByRole('heading', { name: name.replace('.', '.pruned.') }).waitFor();
      assert.match(await window.card('Sparsity'), /→ (69|70)\.\d\s?%/);
      await inBothThemes(`${format}-result`);
    });

  it('safetensors: have the layers that are taken for granted corrected in a file beside them', async () => {
    const window = workbench();
    await window.contextMenu(await window.reveal('reber/stack.safetensors'), 'Show Gates');
    await window.panel.getByRole('heading', { name: 'stack.safetensors' }).waitFor();
    await window.panel.getByRole('button', { name: 'Correct the Layers' }).click();
    await window.tab('stack.lstmprune-model.json').waitFor();
    await window.screenshot('layers');
    const { layers } = JSON.parse(readFileSync(window.path('reber/stack.lstmprune-model.json'), 'utf8'));
    assert.deepEqual(layers, [{ embedding: 'emb' }, { lstm: 'rnn' }, 'last', { linear: 'fc' }]);
    await window.tab('Gates: stack.safetensors').click();
    await window.panel.getByRole('button', { name: 'Prune LSTM' }).waitFor();
    await window.panel.getByText('Taken for granted').waitFor({ state: 'hidden' });
  });

  it('SavedModel: is pruned as a folder by its saved_model.pb', async () => {
    const window = workbench();
    writeSavedModel(window.path('exported'), { ...smallSavedModel() });
    await window.contextMenu(await window.reveal('exported/saved_model.pb'), 'Prune LSTM');
    await window.pick(/^70\s?%/);
    await window.pick('The whole model');
    await window.pick('No data');
    await window.panel.getByRole('heading', { name: 'saved_model.pb' }).waitFor();
    await inBothThemes('savedModel-result');
  });

  it('TensorFlow Lite: show their gates', { skip: withoutShared }, async () => {
    const window = workbench();
    copyFileSync(join(shared, 'models/tflm/trained_lstm.tflite'), window.path('reber/trained.tflite'));
    await window.contextMenu(await window.reveal('reber/trained.tflite'), 'Show Gates');
    await window.panel.getByRole('heading', { name: 'trained.tflite' }).waitFor();
    assert.equal(await window.panel.locator('table.gates tbody tr').count(), 4);
    await window.screenshot('tflite-gates');
  });

  it('are all found from the palette', async () => {
    const window = workbench();
    await window.runCommandThatAsks('Prune LSTM');
    const names = [
      'reber.onnx',
      'model.json',
      'reber.keras',
      'checkpoint.pt',
      'stack.safetensors',
      'saved_model.pb',
    ];
    for (const name of names) {
      // The list draws no more rows than fit.
      await window.quickInput.locator('input[type="text"]').fill(name);
      await window.quickInput.locator('.monaco-list-row', { hasText: name }).first().waitFor();
    }
    await window.page.keyboard.press('Escape');
  });
});
