import { watch } from 'node:fs';
import { join } from 'node:path';
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
  const watched = new Set(files.map((file) => file.fsPath));
  const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, '*'));
  let timer: NodeJS.Timeout | undefined;
  const onEvent = ({ fsPath }: Pick<vscode.Uri, 'fsPath'>) => {
    if (!watched.has(fsPath)) return;
    listener.changed();
    clearTimeout(timer);
    timer = setTimeout(() => listener.settled(), settleMilliseconds);
  };
  const listening = [
    watcher.onDidChange(onEvent),
    watcher.onDidCreate(onEvent),
    watcher.onDidDelete(onEvent),
    watchFolder(folder.fsPath, (fsPath) => onEvent({ fsPath })),
  ];
  return vscode.Disposable.from(watcher, ...listening, { dispose: () => clearTimeout(timer) });
}

/**
 * Watches what lies in one folder by itself. Of a folder that was made right after the one it lies in, VS Code's watcher of the workspace
 * (one for all, with every watcher of an extension inside it) may never tell a change: it misses folders that are there before it looks.
 * This one in turn ends with its folder, and VS Code's tells when that comes back.
 */
function watchFolder(folder: string, onPath: (path: string) => void): vscode.Disposable {
  try {
    const watcher = watch(folder, { persistent: false }, (_, name) => {
      if (name !== null) onPath(join(folder, name));
    });
    watcher.on('error', () => watcher.close());
    return new vscode.Disposable(() => watcher.close());
  } catch {
    // There is no such folder, or the system watches no more.
    return new vscode.Disposable(() => {});
  }
}
