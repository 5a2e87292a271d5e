import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { gatesUriOf } from '../../extension/host/services/fileKinds.ts';
import { smallTfjs, writeTfjs } from '../support/tfjsModel.ts';
import { closeAllEditors, until, workspaceFolder } from './driving.ts';

describe('model.json as text', () => {
  let folder: string;
  let pretty: vscode.Uri;
  let oneLine: vscode.Uri;
  let apart: vscode.Uri;

  before(async () => {
    folder = await mkdtemp(join(workspaceFolder(), 'host-test-'));
    pretty = vscode.Uri.file(writeTfjs(join(folder, 'pretty'), smallTfjs(1, { indent: 2 })));
    oneLine = vscode.Uri.file(writeTfjs(join(folder, 'short'), smallTfjs(2)));
    apart = vscode.Uri.file(writeTfjs(join(folder, 'apart'), smallTfjs(3)));
  });

  after(async () => {
    await closeAllEditors();
    await rm(folder, { recursive: true, force: true });
  });

  it('carries the findings on the lines of its recurrent layers', async () => {
    const document = await shown(pretty);
    const found = await findingsOn(pretty);
    for (const { severity, source, range, message } of found) {
      assert.equal(severity, vscode.DiagnosticSeverity.Information);
      assert.equal(source, 'LSTM Pruner');
      assert.match(message, /^model\.json: /);
      assert.equal(document.getText(range), '"name": "lstm"');
    }
    assert.ok(found.some(({ code }) => code === 'layer-near-zero'));
  });

  it('carries them on the name of the layer where all of it is one line', async () => {
    const document = await shown(oneLine);
    const [{ range }] = await findingsOn(oneLine);
    assert.equal(document.getText(range), '"name":"lstm"');
  });

  it('takes them along when the text is edited', async () => {
    const document = await shown(pretty);
    const [{ range }] = await findingsOn(pretty);
    const edit = new vscode.WorkspaceEdit();
    edit.insert(pretty, new vscode.Position(0, 1), '\n\n\n');
    await vscode.workspace.applyEdit(edit);
    const moved = await until('their new line', () =>
      own(pretty).find((one) => one.range.start.line === range.start.line + 3),
    );
    assert.equal(document.getText(moved.range), '"name": "lstm"');
    await vscode.commands.executeCommand('workbench.action.files.revert');
  });

  it('has them once in the problems: here, or in the gates as text while this is closed', async () => {
    // A document that the extension host itself opens stays open for minutes.
    const open = () => vscode.commands.executeCommand('vscode.open', apart);
    const gates = gatesUriOf(apart);
    await open();
    await until('findings', () => own(apart).length > 0);
    await vscode.commands.executeCommand('lstmPruner.showGatesAsText', apart);
    await until('the gates', () => vscode.window.activeTextEditor?.document.uri.scheme === gates.scheme);
    assert.ok(own(apart).length > 0);
    assert.deepEqual(own(gates), []);
    await open();
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await until('findings of the gates', () => own(gates).length > 0);
    assert.deepEqual(own(apart), []);
    await open();
    await until('findings again', () => own(apart).length > 0);
    assert.deepEqual(own(gates), []);
  });

  it('offers to prune first, and to show the gates of the layer', async () => {
    await shown(pretty);
    const [{ range }] = await findingsOn(pretty);
    const fixes = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      pretty,
      range,
    );
    const ours = fixes.filter(({ command }) => command?.command.startsWith('lstmPruner.'));
    assert.deepEqual(
      ours.map(({ title, command }) => [title, command?.arguments?.[1]]),
      [
        ['Prune LSTM', undefined],
        ['Show gates', 'lstm'],
      ],
    );
  });

  it('loses them when the model is no more one that can be read', async () => {
    await shown(oneLine);
    await findingsOn(oneLine);
    await writeFile(oneLine.fsPath, '{"modelTopology": {}}');
    await until('their going', () => own(oneLine).length === 0);
  });

  it('is left alone where it is no model', async () => {
    const path = join(folder, 'other.json');
    await writeFile(path, '{"name": "lstm", "class_name": "LSTM"}');
    const other = vscode.Uri.file(path);
    await shown(other);
    await shown(pretty);
    await findingsOn(pretty);
    assert.deepEqual(own(other), []);
  });
});

async function shown(uri: vscode.Uri): Promise<vscode.TextDocument> {
  return (await vscode.window.showTextDocument(uri)).document;
}

function own(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'LSTM Pruner');
}

/** What stands on a layer's name in the text as it is now. */
async function findingsOn(uri: vscode.Uri): Promise<vscode.Diagnostic[]> {
  const document = await vscode.workspace.openTextDocument(uri);
  const placed = () => own(uri).filter(({ range }) => /^"name": ?"lstm"$/.test(document.getText(range)));
  return until('diagnostics', () => (placed().length > 0 ? placed() : undefined));
}
