import * as vscode from 'vscode';
import type { CommandId } from '../commands/commandIds.ts';
import { gatesScheme, modelUriOf } from '../services/fileKinds.ts';
import type { Inspections } from '../services/inspections.ts';
import { diagnosticSource } from './diagnostic.ts';
import { layerAtLine } from './gatesText.ts';
import { layerAt } from './modelJsonDocuments.ts';

/** Offers "Prune LSTM" and "Show gates" on the diagnostics of a gates document, or of a model that is text itself. */
export class QuickFixes implements vscode.CodeActionProvider {
  static readonly kinds = [vscode.CodeActionKind.QuickFix];
  readonly #inspections: Inspections;

  constructor(inspections: Inspections) {
    this.#inspections = inspections;
  }

  provideCodeActions(
    document: vscode.TextDocument,
    range: vscode.Range,
    context: vscode.CodeActionContext,
  ): vscode.CodeAction[] {
    const diagnostics = context.diagnostics.filter(({ source }) => source === diagnosticSource);
    if (diagnostics.length === 0) return [];
    const model = modelUriOf(document.uri);
    const report = this.#inspections.known(model);
    const isGates = document.uri.scheme === gatesScheme;
    const layer =
      report &&
      (isGates ? layerAtLine(report, range.start.line)?.name : layerAt(document, range.start, report));
    const prune = action(vscode.l10n.t('Prune LSTM'), 'lstmPruner.prune', [model]);
    prune.isPreferred = true;
    const show = action(vscode.l10n.t('Show gates'), 'lstmPruner.showGates', [model, layer]);
    for (const fix of [prune, show]) fix.diagnostics = diagnostics;
    return [prune, show];
  }
}

const documents: vscode.DocumentSelector = [
  { scheme: gatesScheme },
  { scheme: 'file', pattern: '**/*.json' },
];

/** Registers the quick fixes for gates documents and models that are text. */
export function registerQuickFixes(inspections: Inspections): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider(documents, new QuickFixes(inspections), {
    providedCodeActionKinds: QuickFixes.kinds,
  });
}

function action(title: string, command: CommandId, args: unknown[]): vscode.CodeAction {
  const fix = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  fix.command = { title, command, arguments: args };
  return fix;
}
