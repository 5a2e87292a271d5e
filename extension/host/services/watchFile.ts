import * as vscode from 'vscode';

/** Writers change a file many times in a row. */
const settleMilliseconds = 250;

export interface FileListener {
  /** At every change, while the file may still be written. */
  changed(): void;
  /** Once the file has changed, come back or gone, and settled. */
  settled(): void;
}

/** Watches one file. */
export function watchFile(file: vscode.Uri, listener: FileListener): vscode.Disposable {
  // The folder is watched: the file's own name as a pattern would take brackets in it for a glob.
  const folder = vscode.Uri.joinPath(file, '..');
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, '*'));
  let timer: NodeJS.Timeout | undefined;
  const onEvent = (uri: vscode.Uri) => {
    if (uri.toString() !== file.toString()) return;
    listener.changed();
    clearTimeout(timer);
    timer = setTimeout(() => listener.settled(), settleMilliseconds);
  };
  const listening = [
    watcher.onDidChange(onEvent),
    watcher.onDidCreate(onEvent),
    watcher.onDidDelete(onEvent),
  ];
  return vscode.Disposable.from(watcher, ...listening, { dispose: () => clearTimeout(timer) });
}
