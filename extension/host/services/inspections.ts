import * as vscode from 'vscode';
import type { InspectReport } from '../../protocol/report.ts';
import type { BackgroundClient } from './backgroundClient.ts';
import { stampOf } from './fileStamp.ts';

export interface Inspection {
  readonly uri: vscode.Uri;
  readonly report: InspectReport;
}

interface Entry extends Inspection {
  /** The file as it was when it was inspected. */
  readonly stamp: string;
  readonly watching: vscode.Disposable;
}

/** What is known of the gates of model files: kept until the file changes or goes. */
export class Inspections implements vscode.Disposable {
  readonly #background: BackgroundClient;
  readonly #entries = new Map<string, Entry>();
  readonly #inspected = new vscode.EventEmitter<Inspection>();
  readonly #forgotten = new vscode.EventEmitter<vscode.Uri>();

  /** A model was inspected, by whatever command or editor. */
  readonly onDidInspect = this.#inspected.event;
  /** An inspected file changed or went; what was known of it no longer holds. */
  readonly onDidForget = this.#forgotten.event;

  constructor(background: BackgroundClient) {
    this.#background = background;
  }

  /** The report of a model file; the background process reads it unless the file is as it was at the last inspection. Throws UserError. */
  async inspect(uri: vscode.Uri, token?: vscode.CancellationToken): Promise<InspectReport> {
    const stamp = await stampOf(uri);
    const known = this.#entries.get(uri.toString());
    if (known && stamp !== undefined && known.stamp === stamp) return known.report;
    const report = await this.#background.inspect({ path: uri.fsPath }, token);
    await this.record(uri, report, stamp);
    return report;
  }

  /** The report of the last inspection, as long as it holds. */
  known(uri: vscode.Uri): InspectReport | undefined {
    return this.#entries.get(uri.toString())?.report;
  }

  /** Takes in a report that another job brought along. */
  async record(uri: vscode.Uri, report: InspectReport, stamp?: string): Promise<void> {
    const current = stamp ?? (await stampOf(uri));
    if (current === undefined) return;
    const key = uri.toString();
    const watching = this.#entries.get(key)?.watching ?? this.#watch(uri);
    this.#entries.set(key, { uri, report, stamp: current, watching });
    this.#inspected.fire({ uri, report });
  }

  dispose(): void {
    for (const { watching } of this.#entries.values()) watching.dispose();
    this.#entries.clear();
    this.#inspected.dispose();
    this.#forgotten.dispose();
  }

  #watch(uri: vscode.Uri): vscode.Disposable {
    // A pattern of the file's own name would take its brackets for a glob, and works outside the workspace only per folder.
    const folder = vscode.Uri.joinPath(uri, '..');
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, '*'));
    const key = uri.toString();
    const check = (changed: vscode.Uri) => {
      if (changed.toString() === key) this.#forget(key);
    };
    watcher.onDidChange(check);
    watcher.onDidCreate(check);
    watcher.onDidDelete(check);
    return watcher;
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    entry.watching.dispose();
    this.#forgotten.fire(entry.uri);
  }
}
