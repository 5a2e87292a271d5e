import assert from 'node:assert/strict';
import { copyFile, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { gatesUriOf } from '../../extension/host/services/fileKinds.ts';

/** The example's model, in the workspace that the tests run in. */
export function exampleModel(): string {
  return join(workspaceFolder(), 'reber', 'reber.keras');
}

/** The bundle that the extension forks. */
export function backgroundModule(): string {
  return join(vscode.extensions.getExtension('lstm-pruner.lstm-pruner')!.extensionPath, 'dist/background.js');
}

export function workspaceFolder(): string {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(folder, 'no folder is open');
  return folder.uri.fsPath;
}

/** A folder of its own in the workspace with copies of the example's model under these names. */
export async function folderWith(...names: string[]): Promise<{ folder: string; models: vscode.Uri[] }> {
  const folder = await mkdtemp(join(workspaceFolder(), 'host-test-'));
  const models = names.map((name) => vscode.Uri.file(join(folder, name)));
  for (const { fsPath } of models) await copyFile(exampleModel(), fsPath);
  return { folder, models };
}

/** Waits until the condition gives something that is not false; fails by name after the time. */
export async function until<T>(
  what: string,
  condition: () => T | false | undefined | Promise<T | false | undefined>,
  milliseconds = 10_000,
): Promise<T> {
  for (const end = performance.now() + milliseconds; ; await sleep(50)) {
    const value = await condition();
    if (value !== false && value !== undefined) return value;
    assert.ok(performance.now() < end, `${what} did not come within ${milliseconds} ms`);
  }
}

/** Presses Enter in whatever dialog is open until the command has ended, so that every question gets its first answer. */
export async function acceptAll(command: Thenable<unknown>, milliseconds = 25_000): Promise<void> {
  let ended = false;
  const end = () => {
    ended = true;
  };
  command.then(end, end);
  for (const limit = performance.now() + milliseconds; !ended; await sleep(150)) {
    assert.ok(performance.now() < limit, 'the command did not end');
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
  }
  await command;
}

/** The text that shows the model's gates, read through the extension. */
export async function gatesTextOf(model: vscode.Uri): Promise<string> {
  return (await vscode.workspace.openTextDocument(gatesUriOf(model))).getText();
}

export function diagnosticsOf(model: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(gatesUriOf(model));
}

/** Process ids of the extension's background processes, which are children of this extension host. */
export async function backgroundProcesses(): Promise<number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    // A process may end while it is looked at.
    const status = await readFile(`/proc/${name}/status`, 'utf8').catch(() => '');
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    const parent = Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]);
    const alive = !/^State:\s*Z/m.test(status);
    if (parent === process.pid && alive && command.includes('background.js')) found.push(Number(name));
  }
  return found;
}

export async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).map((name) => basename(name)).sort();
}

export async function closeAllEditors(): Promise<void> {
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}
