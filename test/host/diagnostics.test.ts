import assert from 'node:assert/strict';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { BackgroundClient } from '../../extension/host/services/backgroundClient.ts';
import { gatesScheme, gatesUriOf } from '../../extension/host/services/fileKinds.ts';
import {
  acceptAll,
  closeAllEditors,
  diagnosticsOf,
  exampleModel,
  folderWith,
  gatesTextOf,
  namesIn,
  until,
} from './driving.ts';

describe('gates as text', () => {
  let folder: string;
  let sparse: vscode.Uri;

  before(async () => {
    ({ folder } = await folderWith());
    sparse = vscode.Uri.file(join(folder, 'sparse.keras'));
    const { extensionPath } = vscode.extensions.getExtension('lstm-pruner.lstm-pruner')!;
    const client = new BackgroundClient({
      module: join(extensionPath, 'dist/background.js'),
      locale: 'en',
      log: () => {},
    });
    await client.prune({ path: exampleModel(), recipe: { sparsity: 0.8 }, output: sparse.fsPath });
    client.dispose();
  });

  after(async () => {
    await closeAllEditors();
    await rm(folder, { recursive: true, force: true });
  });

  it('open read-only with a line for each layer and each gate', async () => {
    await vscode.commands.executeCommand('lstmPruner.showGatesAsText', sparse);
    const { document } = await until('the text', () => vscode.window.activeTextEditor);
    assert.equal(document.uri.toString(), gatesUriOf(sparse).toString());
    const lines = document.getText().split('\n');
    assert.match(lines[0], /^sparse\.keras: /);
    assert.equal(lines.filter((line) => /: LSTM, \d+ inputs, \d+ units/.test(line)).length, 1);
    assert.deepEqual(
      lines.filter((line) => line.startsWith('  ')).map((line) => line.trim().split(' ')[0]),
      ['i', 'f', 'c', 'o'],
    );
    await vscode.commands.executeCommand('type', { text: 'x' });
    assert.match(document.getText(), /^sparse\.keras: /);
  });

  it('carry information on the lines of the layers and gates that it is about', async () => {
    const diagnostics = await until('diagnostics', () => nonEmpty(diagnosticsOf(sparse)));
    const lines = (await gatesTextOf(sparse)).split('\n');
    for (const { severity, source, message, range, code } of diagnostics) {
      assert.equal(severity, vscode.DiagnosticSeverity.Information);
      assert.equal(source, 'LSTM Pruner');
      assert.match(message, /^sparse\.keras: /);
      const line = lines[range.start.line].trim();
      const gate = /in gate (\w) of/.exec(message)?.[1];
      if (code === 'near-zero') assert.ok(gate && line.startsWith(`${gate} `), `${message} on ${line}`);
      else assert.match(line, /: LSTM, /);
    }
    const codes = diagnostics.map(({ code }) => code);
    assert.equal(codes.filter((code) => code === 'layer-near-zero').length, 1);
    assert.ok(codes.includes('near-zero'), 'four fifths of the weights are zero, but no gate is mentioned');
  });

  it('offer to prune first, and to show the gates', async () => {
    const fixes = await fixesOn(sparse);
    assert.deepEqual(
      fixes.map(({ title, isPreferred }) => [title, isPreferred === true]),
      [
        ['Prune LSTM', true],
        ['Show gates', false],
      ],
    );
  });

  it('prune by the first quick fix', async () => {
    const [prune] = await fixesOn(sparse);
    await acceptAll(run(prune));
    assert.deepEqual(await namesIn(folder), ['sparse.keras', 'sparse.pruned.keras']);
  });

  it('open the panel by the second quick fix', async () => {
    await closeAllEditors();
    await vscode.commands.executeCommand('lstmPruner.showGatesAsText', sparse);
    const [, show] = await fixesOn(sparse);
    await run(show);
    await until('the panel', () => vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(isPanel)));
  });

  it('are read anew when the file changes', async () => {
    await vscode.commands.executeCommand('lstmPruner.showGatesAsText', sparse);
    const old = diagnosticsOf(sparse).map(({ message }) => message);
    await copyFile(exampleModel(), sparse.fsPath);
    const { document } = vscode.window.activeTextEditor!;
    assert.equal(document.uri.scheme, gatesScheme);
    await until('the new text', () => /, 0\.0% of the prunable/.test(document.getText()));
    await until('the new diagnostics', () => {
      const messages = diagnosticsOf(sparse).map(({ message }) => message);
      return messages.length > 0 && messages.every((message) => !old.includes(message));
    });
  });

  it('lose their diagnostics with the file', async () => {
    await until('diagnostics', () => nonEmpty(diagnosticsOf(sparse)));
    await rm(sparse.fsPath);
    await until('their going', () => diagnosticsOf(sparse).length === 0);
    await until('the reason', async () => /does not exist/.test(await gatesTextOf(sparse)));
  });

  it('lose their diagnostics with a change where no document shows them', async () => {
    const other = await folderWith('quiet.keras');
    const [model] = other.models;
    await vscode.commands.executeCommand('lstmPruner.showGates', model);
    await until('diagnostics', () => nonEmpty(diagnosticsOf(model)));
    await closeAllEditors();
    await copyFile(join(folder, 'sparse.pruned.keras'), model.fsPath);
    await until('their going', () => diagnosticsOf(model).length === 0);
    await rm(other.folder, { recursive: true, force: true });
  });
});

function nonEmpty<T>(items: T[]): T[] | undefined {
  return items.length > 0 ? items : undefined;
}

async function fixesOn(model: vscode.Uri): Promise<vscode.CodeAction[]> {
  const [{ range }] = await until('diagnostics', () => nonEmpty(diagnosticsOf(model)));
  return vscode.commands.executeCommand('vscode.executeCodeActionProvider', gatesUriOf(model), range);
}

function run({ command }: vscode.CodeAction): Thenable<unknown> {
  assert.ok(command, 'the quick fix has no command');
  return vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
}

function isPanel({ input }: vscode.Tab): boolean {
  return input instanceof vscode.TabInputWebview && input.viewType.includes('lstmPruner');
}
