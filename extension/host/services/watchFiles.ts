import * as vscode from 'vscode';

/** Writers change a file many times in a row. */
const settleMilliseconds = 250;

export interface FileListener {
  /** At every change, while a file may still be written. */
  changed(): void;
  /** Once one has changed, come back or gone, and settled. */
  settled(): void;
}

/** Watches files of one folder, at least one. */
export function watchFiles(files: readonly vscode.Uri[], listener: FileListener): vscode.Disposable {
  // The folder is watched: a file's own name as a pattern would take brackets in it for a glob.
  const folder = vscode.Uri.joinPath(files[0], '..');
  const watched = new Set(files.map((file) => file.toString()));
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, '*'));
  let timer: NodeJS.Timeout | undefined;
  const onEvent = (uri: vscode.Uri) => {
    if (!watched.has(uri.toString())) return;
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
