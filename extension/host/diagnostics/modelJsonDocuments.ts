import * as vscode from 'vscode';
import { looksLikeModelJson } from '../../protocol/modelJson.ts';
import type { InspectReport } from '../../protocol/report.ts';
import { baseName, hasEnding } from '../services/fileKinds.ts';
import type { Inspections } from '../services/inspections.ts';
import { placeOfKey } from '../services/jsonPlace.ts';
import { layerPlaces, placeOfLayer } from '../services/layerPlaces.ts';
import { translate } from '../services/showMessage.ts';
import { diagnosticOf } from './diagnostic.ts';
import { findingsOf } from './findings.ts';
import { gatesText, numberWords } from './gatesText.ts';

/** After the last change of a text its layers are looked for again. */
const settleTime = 300;
/** In longer texts layers are not looked for; findings stand at the topology. */
const longest = 4_000_000;

/**
 * Keeps diagnostics on the layers of TensorFlow.js models whose `model.json` is open as text: the findings of the gates document, where the
 * layers stand. They follow edits of the text and changes of the file, and go when it is closed.
 */
export class ModelJsonDocuments implements vscode.Disposable {
  readonly #inspections: Inspections;
  readonly #diagnostics = vscode.languages.createDiagnosticCollection('lstm-pruner-model-json');
  readonly #disposables: vscode.Disposable[];
  /** Of the documents that are open, by their address. */
  readonly #holders = new Map<string, vscode.Disposable>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #taken = new vscode.EventEmitter<vscode.Uri>();
  /** The text of a model has been opened or closed, and with it the place of its findings has changed. */
  readonly onDidTake = this.#taken.event;

  constructor(inspections: Inspections) {
    this.#inspections = inspections;
    this.#disposables = [
      this.#diagnostics,
      this.#taken,
      vscode.workspace.onDidOpenTextDocument((document) => this.#opened(document)),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#closed(uri)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#edited(document)),
      inspections.onDidInspect(({ uri, report }) => this.#inspected(uri, report)),
      inspections.onDidForget((uri) => this.#diagnostics.delete(uri)),
      inspections.onDidChange((uri) => this.#changed(uri)),
    ];
    for (const document of vscode.workspace.textDocuments) this.#opened(document);
  }

  /** Whether the findings of a model stand on its own text. */
  shows(uri: vscode.Uri): boolean {
    return this.#holders.has(uri.toString());
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    vscode.Disposable.from(...this.#disposables, ...this.#holders.values()).dispose();
  }

  #opened(document: vscode.TextDocument): void {
    const { uri } = document;
    if (this.#holders.has(uri.toString()) || !isModelJson(document)) return;
    this.#holders.set(uri.toString(), this.#inspections.hold(uri));
    this.#taken.fire(uri);
    this.#look(uri);
  }

  #closed(uri: vscode.Uri): void {
    const key = uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.#diagnostics.delete(uri);
    const holder = this.#holders.get(key);
    if (!holder) return;
    this.#holders.delete(key);
    this.#taken.fire(uri);
    // What is known of the model may go with it.
    holder.dispose();
  }

  #edited(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    if (!hasEnding(document.uri, ['.json'])) return;
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => {
        this.#timers.delete(key);
        if (document.isClosed) return;
        this.#opened(document);
        const report = this.#inspections.known(document.uri);
        if (report) this.#fill(document, report);
      }, settleTime),
    );
  }

  #changed(uri: vscode.Uri): void {
    if (this.#holders.has(uri.toString())) this.#look(uri);
  }

  /** What is known already is no new inspection. A model that cannot be opened has no findings; commands say why. */
  #look(uri: vscode.Uri): void {
    this.#inspections.inspect(uri).then(
      (report) => this.#inspected(uri, report),
      () => this.#diagnostics.delete(uri),
    );
  }

  #inspected(uri: vscode.Uri, report: InspectReport): void {
    if (!this.#holders.has(uri.toString())) return;
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri.toString());
    if (document) this.#fill(document, report);
  }

  #fill(document: vscode.TextDocument, report: InspectReport): void {
    const { uri } = document;
    const words = numberWords(vscode.env.language);
    const lines = gatesText(baseName(uri), report, translate, words);
    const findings = findingsOf(baseName(uri), lines, translate, words);
    const rangeOf = rangesOf(document);
    this.#diagnostics.set(
      uri,
      findings.map((finding) => diagnosticOf(finding, rangeOf(finding.layer))),
    );
  }
}

/** Where a document has the layers of the model: by their names, or, in a graph model, where the topology is. */
function rangesOf(document: vscode.TextDocument): (layer: string) => vscode.Range {
  const text = document.getText();
  const places = text.length > longest ? [] : layerPlaces(text);
  const start = { offset: 0, length: 1 };
  return (layer) => {
    const place = placeOfLayer(places, layer) ?? placeOfKey(text, ['modelTopology']) ?? start;
    const { offset, length } = place;
    return new vscode.Range(document.positionAt(offset), document.positionAt(offset + length));
  };
}

/** The layer of a report whose name stands at a position of a document. */
export function layerAt(
  document: vscode.TextDocument,
  position: vscode.Position,
  { layers }: InspectReport,
): string | undefined {
  const rangeOf = rangesOf(document);
  return layers.find(({ name }) => rangeOf(name).contains(position))?.name;
}

function isModelJson(document: vscode.TextDocument): boolean {
  const { uri } = document;
  return uri.scheme === 'file' && hasEnding(uri, ['.json']) && looksLikeModelJson(document.getText());
}
