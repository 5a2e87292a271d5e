import * as vscode from 'vscode';
import { registerCommands } from './host/commands/commandTable.ts';
import { GatesDocuments } from './host/diagnostics/gatesDocuments.ts';
import { ModelJsonDocuments } from './host/diagnostics/modelJsonDocuments.ts';
import { registerQuickFixes } from './host/diagnostics/quickFixes.ts';
import { registerEditor } from './host/editor/gatesEditor.ts';
import { registerPanel } from './host/panel/panels.ts';
import { createServices } from './host/services/createServices.ts';

export interface ExtensionApi {
  /** How long activate() took. */
  readonly activationMilliseconds: number;
}

/** Wires the host's parts. Nothing here reads a model or starts a process: the first command or editor does. */
export function activate(context: vscode.ExtensionContext): ExtensionApi {
  const start = performance.now();
  const services = createServices(context);
  const panels = registerPanel(context, services);
  registerEditor(context, services);
  const modelTexts = new ModelJsonDocuments(services.inspections);
  context.subscriptions.push(
    modelTexts,
    new GatesDocuments(services.inspections, modelTexts),
    registerQuickFixes(services.inspections),
    registerCommands({ ...services, panels }),
  );
  const activationMilliseconds = performance.now() - start;
  services.log.info(vscode.l10n.t('Activated in {time} ms.', { time: activationMilliseconds.toFixed(1) }));
  return { activationMilliseconds };
}
