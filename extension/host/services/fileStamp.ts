import * as vscode from 'vscode';

/** Tells whether a file is as it was: its time of change and size; undefined where there is no file. */
export async function stampOf(uri: vscode.Uri): Promise<string | undefined> {
  try {
    const { mtime, size } = await vscode.workspace.fs.stat(uri);
    return `${mtime}:${size}`;
  } catch {
    return undefined;
  }
}
