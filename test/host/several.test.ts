import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { gatesUriOf } from '../../extension/host/services/fileKinds.ts';
import { writeSequenceData } from '../support/sequenceData.ts';
import { acceptAll, closeAllEditors, folderWith, until } from './driving.ts';

describe('of several files, the first of which is damaged,', () => {
  let folder: string;
  let bad: vscode.Uri;
  let good: vscode.Uri;

  beforeEach(async () => {
    ({
      folder,
      models: [bad, good],
    } = await folderWith('bad.keras', 'good.keras'));
    await writeFile(bad.fsPath, randomBytes(4096));
  });

  afterEach(async () => {
    await closeAllEditors();
    await rm(folder, { recursive: true, force: true });
  });

  const isOpen = (title: string) => () =>
    vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(({ label }) => label === title));

  it('Show Gates shows the others', async () => {
    await vscode.commands.executeCommand('lstmPruner.showGates', bad, [bad, good]);
    await until('the panel', isOpen('Gates: good.keras'));
  });

  it('Show Gates as Text shows the others', async () => {
    await vscode.commands.executeCommand('lstmPruner.showGatesAsText', bad, [bad, good]);
    const address = gatesUriOf(good).toString();
    await until('the text', () => vscode.window.activeTextEditor?.document.uri.toString() === address);
  });

  it('Evaluate measures the others', async () => {
    await writeSequenceData(join(folder, 'data.npz'));
    await acceptAll(vscode.commands.executeCommand('lstmPruner.evaluate', bad, [bad, good]));
    await until('the panel', isOpen('Evaluation: good.keras'));
  });
});
