import * as vscode from 'vscode';
import type { InspectReport } from '../../protocol/report.ts';
import { messageOf } from '../../protocol/userError.ts';
import { baseName, gatesScheme, gatesUriOf, modelUriOf } from '../services/fileKinds.ts';
import type { Inspections } from '../services/inspections.ts';
import { localize, translate } from '../services/showMessage.ts';
import { diagnosticOf } from './diagnostic.ts';
import { findingsOf } from './findings.ts';
import { type GatesLine, gatesText, numberWords } from './gatesText.ts';
import type { ModelJsonDocuments } from './modelJsonDocuments.ts';

/** What it must know of models that are texts themselves. */
type ModelTexts = Pick<ModelJsonDocuments, 'shows' | 'onDidTake'>;

/**
 * Serves the gates of models as read-only text documents and keeps their diagnostics: every inspection fills them, and they go when
 * the model file changes or goes. A document that is open is read anew then.
 */
export class GatesDocuments implements vscode.TextDocumentContentProvider, vscode.Disposable {
  readonly #inspections: Inspections;
  readonly #texts: ModelTexts;
  readonly #diagnostics = vscode.languages.createDiagnosticCollection('lstm-pruner');
  readonly #changed = new vscode.EventEmitter<vscode.Uri>();
  readonly #disposables: vscode.Disposable[];
  /** Of the documents that are open, by their address. */
  readonly #holders = new Map<string, vscode.Disposable>();
  readonly onDidChange = this.#changed.event;

  constructor(inspections: Inspections, texts: ModelTexts) {
    this.#inspections = inspections;
    this.#texts = texts;
    this.#disposables = [
      this.#diagnostics,
      this.#changed,
      vscode.workspace.registerTextDocumentContentProvider(gatesScheme, this),
      inspections.onDidInspect(({ uri }) => {
        this.#place(uri);
        this.#refresh(uri);
      }),
      texts.onDidTake((uri) => this.#place(uri)),
      inspections.onDidForget((uri) => this.#diagnostics.delete(gatesUriOf(uri))),
      inspections.onDidChange((uri) => this.#refresh(uri)),
      vscode.workspace.onDidOpenTextDocument((document) => this.#opened(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#closed(uri)),
    ];
    for (const document of vscode.workspace.textDocuments) this.#opened(document);
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const model = modelUriOf(uri);
    try {
      const report = await this.#inspections.inspect(model);
      return linesOf(model, report)
        .map(({ text }) => text)
        .join('\n');
    } catch (error) {
      return localize(messageOf(error));
    }
  }

  dispose(): void {
    vscode.Disposable.from(...this.#disposables, ...this.#holders.values()).dispose();
  }

  #opened({ uri }: vscode.TextDocument): void {
    if (uri.scheme !== gatesScheme || this.#holders.has(uri.toString())) return;
    this.#holders.set(uri.toString(), this.#inspections.hold(modelUriOf(uri)));
  }

  #closed(uri: vscode.Uri): void {
    this.#holders.get(uri.toString())?.dispose();
    this.#holders.delete(uri.toString());
  }

  /** Findings stand once: on the model's own text while that is open, else here. */
  #place(model: vscode.Uri): void {
    const report = this.#inspections.known(model);
    if (!report || this.#texts.shows(model)) this.#diagnostics.delete(gatesUriOf(model));
    else this.#fill(model, report);
  }

  #fill(model: vscode.Uri, report: InspectReport): void {
    const lines = linesOf(model, report);
    const findings = findingsOf(baseName(model), lines, translate, numberWords(vscode.env.language));
    const diagnostics = findings.map((finding) => {
      const { line } = finding;
      const { length } = lines[line].text;
      const start = length - lines[line].text.trimStart().length;
      const range = new vscode.Range(line, start, line, length);
      return diagnosticOf(finding, range);
    });
    this.#diagnostics.set(gatesUriOf(model), diagnostics);
  }

  /** The editor asks again only for documents that it holds. */
  #refresh(model: vscode.Uri): void {
    this.#changed.fire(gatesUriOf(model));
  }
}

function linesOf(model: vscode.Uri, report: InspectReport): GatesLine[] {
  return gatesText(baseName(model), report, translate, numberWords(vscode.env.language));
}
