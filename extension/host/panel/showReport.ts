import * as vscode from 'vscode';
import { baseName } from '../services/fileKinds.ts';

const viewType = 'lstmPruner.report';

/**
 * Shows a report that was written as HTML: in the reader's browser where that runs on the same machine, else in a tab, since a
 * browser elsewhere cannot reach the file. The tab runs no script and loads nothing.
 */
export async function showReport(page: vscode.Uri): Promise<void> {
  const local = vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined;
  if (local && (await vscode.env.openExternal(page))) return;
  const html = new TextDecoder().decode(await vscode.workspace.fs.readFile(page));
  const panel = vscode.window.createWebviewPanel(viewType, baseName(page), vscode.ViewColumn.Active, {
    enableScripts: false,
    enableFindWidget: true,
    localResourceRoots: [],
  });
  panel.iconPath = new vscode.ThemeIcon('output');
  panel.webview.html = html;
}
