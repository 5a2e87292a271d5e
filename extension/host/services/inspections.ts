import * as vscode from 'vscode';
import type { InspectReport } from '../../protocol/report.ts';
import type { BackgroundClient } from './backgroundClient.ts';
import { stampOf } from './fileStamp.ts';

export interface Inspection {
  readonly uri: vscode.Uri;
  readonly report: InspectReport;
}

interface Entry {
  readonly uri: vscode.Uri;
  readonly watcher: vscode.FileSystemWatcher;
  /** Absent where the file could not be inspected, or has changed since. */
  report?: InspectReport | undefined;
  /** The file as it was when it was inspected. */
  stamp?: string | undefined;
  settling?: NodeJS.Timeout;
}

/** Writers change a file many times in a row; what they leave counts. */
const settleMilliseconds = 250;

/** What is known of the gates of model files: kept until the file changes or goes. */
export class Inspections implements vscode.Disposable {
  readonly #background: BackgroundClient;
  readonly #entries = new Map<string, Entry>();
  readonly #inspected = new vscode.EventEmitter<Inspection>();
  readonly #forgotten = new vscode.EventEmitter<vscode.Uri>();

  /** A model was inspected, by whatever command or editor. */
  readonly onDidInspect = this.#inspected.event;
  /** A file that was inspected, or was tried to be, changed or went: at the first change, and when it has settled. */
  readonly onDidForget = this.#forgotten.event;

  constructor(background: BackgroundClient) {
    this.#background = background;
  }

  /** The report of a model file; the background process reads it unless the file is as it was at the last inspection. Throws UserError. */
  async inspect(uri: vscode.Uri, token?: vscode.CancellationToken): Promise<InspectReport> {
    const stamp = await stampOf(uri);
    const entry = this.#entryOf(uri);
    if (entry.report && stamp !== undefined && entry.stamp === stamp) return entry.report;
    const report = await this.#background.inspect({ path: uri.fsPath }, token);
    // A file that changed meanwhile is read again by whoever is told of the change.
    if (stamp !== undefined && (await stampOf(uri)) === stamp) this.#keep(entry, report, stamp);
    return report;
  }

  /** The report of the last inspection, as long as it holds. */
  known(uri: vscode.Uri): InspectReport | undefined {
    return this.#entries.get(uri.toString())?.report;
  }

  /** Takes in a report that another job brought along. */
  async record(uri: vscode.Uri, report: InspectReport): Promise<void> {
    const stamp = await stampOf(uri);
    if (stamp !== undefined) this.#keep(this.#entryOf(uri), report, stamp);
  }

  dispose(): void {
    for (const { watcher, settling } of this.#entries.values()) {
      watcher.dispose();
      clearTimeout(settling);
    }
    this.#entries.clear();
    this.#inspected.dispose();
    this.#forgotten.dispose();
  }

  #keep(entry: Entry, report: InspectReport, stamp: string): void {
    entry.report = report;
    entry.stamp = stamp;
    this.#inspected.fire({ uri: entry.uri, report });
  }

  #entryOf(uri: vscode.Uri): Entry {
    const key = uri.toString();
    const known = this.#entries.get(key);
    if (known) return known;
    // The folder is watched: the file's own name as a pattern would take brackets in it for a glob.
    const pattern = new vscode.RelativePattern(vscode.Uri.joinPath(uri, '..'), '*');
    const entry: Entry = { uri, watcher: vscode.workspace.createFileSystemWatcher(pattern) };
    const onEvent = (changed: vscode.Uri) => {
      if (changed.toString() === key) this.#changed(entry);
    };
    entry.watcher.onDidChange(onEvent);
    entry.watcher.onDidCreate(onEvent);
    entry.watcher.onDidDelete(onEvent);
    this.#entries.set(key, entry);
    return entry;
  }

  #changed(entry: Entry): void {
    if (entry.report) this.#forget(entry);
    clearTimeout(entry.settling);
    entry.settling = setTimeout(async () => {
      const stamp = await stampOf(entry.uri);
      // What was read while the file was being written does not hold.
      if (!entry.report || entry.stamp !== stamp) this.#forget(entry);
    }, settleMilliseconds);
  }

  #forget(entry: Entry): void {
    entry.report = undefined;
    this.#forgotten.fire(entry.uri);
  }
}
