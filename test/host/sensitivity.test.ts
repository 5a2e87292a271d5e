import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { analyzeSensitivity } from '../../extension/host/commands/analyzeSensitivity.ts';
import type { SensitivityReport } from '../../extension/protocol/sensitivity.ts';
import { writeSequenceData } from '../support/sequenceData.ts';
import { acceptAll, closeAllEditors, folderWith, namesIn, until } from './driving.ts';
import { TestServices } from './finetuning.ts';

describe('Analyze Sensitivity', function () {
  this.timeout(90_000);
  let folder: string;
  let model: vscode.Uri;

  beforeEach(async () => {
    const made = await folderWith('m.keras');
    folder = made.folder;
    [model] = made.models;
    await writeSequenceData(join(folder, 'data.npz'), 160);
  });

  afterEach(async () => {
    await closeAllEditors();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('opens a panel beside that of the gates, and writes nothing', async () => {
    await vscode.commands.executeCommand('lstmPruner.showGates', model);
    await acceptAll(vscode.commands.executeCommand('lstmPruner.analyzeSensitivity', model), 60_000);
    const titles = () => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs.map(({ label }) => label));
    await until('the panel', () => titles().includes('Sensitivity: m.keras'));
    assert.ok(titles().includes('Gates: m.keras'));
    assert.deepEqual(await namesIn(folder), ['data.npz', 'm.keras']);
  });

  it('measures on the data that was chosen, and remembers it', async () => {
    const test = new TestServices(folder);
    try {
      const data = join(folder, 'data.npz');
      const reports: SensitivityReport[] = [];
      test.services.panels.showSensitivity = (report) => void reports.push(report);
      await test.services.choices.set({ ...test.services.choices.get(), data: { data } });
      await acceptAll(analyzeSensitivity(test.services, model), 60_000);
      assert.deepEqual(
        reports.map(({ data: { file, samples } }) => [file, samples]),
        [[data, 32]],
      );
      assert.equal(test.services.choices.get().data?.data, data);
    } finally {
      test.dispose();
    }
  });
});
