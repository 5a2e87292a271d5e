import * as vscode from 'vscode';
import type { InspectReport } from '../../protocol/report.ts';
import type { BackgroundClient } from './backgroundClient.ts';
import { filesOfModel, stampOfModel } from './modelFiles.ts';
import { watchFiles } from './watchFiles.ts';

export interface Inspection {
  readonly uri: vscode.Uri;
  readonly report: InspectReport;
}

interface Entry {
  readonly uri: vscode.Uri;
  readonly watching: vscode.Disposable;
  /** Editors, panels and documents that show the model. */
  holders: number;
  /** Absent where the file could not be inspected, or has changed since. */
  report?: InspectReport | undefined;
  /** The file as it was when it was inspected. */
  stamp?: string | undefined;
}

/** Models kept and watched that nothing shows any more: their diagnostics still stand, and they open faster. */
const unheldKept = 32;

/**
 * What is known of the gates of model files: kept until the file changes or goes, and watched as long as something shows it. Of
 * what nothing shows, the models inspected last are kept.
 */
export class Inspections implements vscode.Disposable {
  readonly #background: Pick<BackgroundClient, 'inspect'>;
  /** The one inspected last stands last. */
  readonly #entries = new Map<string, Entry>();
  readonly #inspected = new vscode.EventEmitter<Inspection>();
  readonly #forgotten = new vscode.EventEmitter<vscode.Uri>();
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();

  /** A model was inspected, by whatever command or editor. */
  readonly onDidInspect = this.#inspected.event;
  /** What was known of a file no longer holds, or is no longer kept. */
  readonly onDidForget = this.#forgotten.event;
  /** A file that is held has changed, come back or gone, and settled: whoever shows it inspects it again. */
  readonly onDidChange = this.#changed.event;

  constructor(background: Pick<BackgroundClient, 'inspect'>) {
    this.#background = background;
  }

  /** The report of a model file; the background process reads it unless the file is as it was at the last inspection. Throws UserError. */
  async inspect(uri: vscode.Uri, token?: vscode.CancellationToken): Promise<InspectReport> {
    const stamp = await stampOfModel(uri);
    const known = this.#entries.get(uri.toString());
    if (known?.report && stamp !== undefined && known.stamp === stamp) return known.report;
    const report = await this.#background.inspect({ path: uri.fsPath }, token);
    await this.record(uri, report, stamp);
    return report;
  }

  /** The report of the last inspection, as long as it holds. */
  known(uri: vscode.Uri): InspectReport | undefined {
    return this.#entries.get(uri.toString())?.report;
  }

  /** Takes in what a job found in a file that had this stamp before the job. Of a file that has changed meanwhile nothing is kept. */
  async record(uri: vscode.Uri, report: InspectReport, stamp: string | undefined): Promise<void> {
    if (stamp === undefined || (await stampOfModel(uri)) !== stamp) return;
    const entry = this.#entryOf(uri);
    entry.report = report;
    entry.stamp = stamp;
    const key = uri.toString();
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    this.#inspected.fire({ uri, report });
    this.#releaseOthers();
  }

  /** Keeps the file watched until the returned holder is disposed, even where it is damaged or gone. */
  hold(uri: vscode.Uri): vscode.Disposable {
    const entry = this.#entryOf(uri);
    entry.holders++;
    let holding = true;
    return new vscode.Disposable(() => {
      if (!holding) return;
      holding = false;
      entry.holders--;
      this.#releaseOthers();
    });
  }

  /** Number of files that are watched. */
  get watched(): number {
    return this.#entries.size;
  }

  dispose(): void {
    for (const { watching } of this.#entries.values()) watching.dispose();
    this.#entries.clear();
    this.#inspected.dispose();
    this.#forgotten.dispose();
    this.#changed.dispose();
  }

  #entryOf(uri: vscode.Uri): Entry {
    const key = uri.toString();
    const known = this.#entries.get(key);
    if (known) return known;
    const watching = watchFiles(filesOfModel(uri), {
      changed: () => void this.#check(entry),
      settled: () => this.#settled(entry),
    });
    const entry: Entry = { uri, watching, holders: 0 };
    this.#entries.set(key, entry);
    return entry;
  }

  /**
   * Word of a change may come late, of one that the last inspection has seen; what was read while the file was being written does not hold.
   */
  async #check(entry: Entry): Promise<void> {
    const stamp = await stampOfModel(entry.uri);
    if (entry.stamp !== stamp) this.#forget(entry);
  }

  async #settled(entry: Entry): Promise<void> {
    await this.#check(entry);
    if (entry.holders > 0) this.#changed.fire(entry.uri);
    this.#releaseOthers();
  }

  #forget(entry: Entry): void {
    if (!entry.report) return;
    entry.report = undefined;
    this.#forgotten.fire(entry.uri);
  }

  /** Ends the watching of files that nothing shows: those of which nothing is known, and the oldest of the others. */
  #releaseOthers(): void {
    const unheld = [...this.#entries].filter(([, { holders }]) => holders === 0);
    const known = unheld.filter(([, { report }]) => report);
    const old = known.slice(0, Math.max(0, known.length - unheldKept));
    for (const [key, entry] of [...unheld.filter(([, { report }]) => !report), ...old]) {
      this.#entries.delete(key);
      entry.watching.dispose();
      this.#forget(entry);
    }
  }
}
