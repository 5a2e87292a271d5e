import * as vscode from 'vscode';
import type { CommandId } from '../commands/commandIds.ts';
import { gatesScheme, modelUriOf } from '../services/fileKinds.ts';
import type { Inspections } from '../services/inspections.ts';
import { diagnosticSource } from './gatesDocuments.ts';
import { layerAtLine } from './gatesText.ts';

/** Offers "Prune LSTM" and "Show gates" on the diagnostics of a gates document. */
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
    const layer = report && layerAtLine(report, range.start.line);
    const prune = action(vscode.l10n.t('Prune LSTM'), 'lstmPruner.prune', [model]);
    prune.isPreferred = true;
    const show = action(vscode.l10n.t('Show gates'), 'lstmPruner.showGates', [model, layer?.name]);
    for (const fix of [prune, show]) fix.diagnostics = diagnostics;
    return [prune, show];
  }
}

/** Registers the quick fixes for gates documents. */
export function registerQuickFixes(inspections: Inspections): vscode.Disposable {
  return vscode.languages.registerCodeActionsProvider({ scheme: gatesScheme }, new QuickFixes(inspections), {
    providedCodeActionKinds: QuickFixes.kinds,
  });
}

function action(title: string, command: CommandId, args: unknown[]): vscode.CodeAction {
  const fix = new vscode.CodeAction(title, vscode.CodeActionKind.QuickFix);
  fix.command = { title, command, arguments: args };
  return fix;
}
