import * as vscode from 'vscode';
import { baseName, gatesUriOf } from '../services/fileKinds.ts';
import type { Services } from '../services/services.ts';
import { forEachModel } from './forEachModel.ts';
import { targetsOf } from './modelTargets.ts';
import { pickModel } from './pickModel.ts';

/** Opens the gates of each model in the panel; `layer` names the one to show first. */
export async function showGates(services: Services, clicked?: unknown, layer?: unknown): Promise<void> {
  const focusLayer = typeof layer === 'string' ? layer : undefined;
  const models = await modelsOf(services, clicked, layer, vscode.l10n.t('Show Gates'));
  await forEachModel(services, models, async (uri) => {
    await services.panels.showGates(uri.fsPath, await inspect(services, uri), focusLayer);
  });
}

/** Opens the gates of each model as a read-only text with diagnostics. */
export async function showGatesAsText(
  services: Services,
  clicked?: unknown,
  selected?: unknown,
): Promise<void> {
  const models = await modelsOf(services, clicked, selected, vscode.l10n.t('Show Gates as Text'));
  await forEachModel(services, models, async (uri) => {
    // Inspected first, so that a failure is said instead of an empty document.
    await inspect(services, uri);
    const document = await vscode.workspace.openTextDocument(gatesUriOf(uri));
    await vscode.window.showTextDocument(document, { preview: false });
  });
}

async function modelsOf(
  services: Services,
  clicked: unknown,
  selected: unknown,
  title: string,
): Promise<vscode.Uri[]> {
  const targets = targetsOf(clicked, selected);
  if (targets) return targets;
  const uri = await pickModel(services, title);
  return uri ? [uri] : [];
}

function inspect(services: Services, uri: vscode.Uri) {
  const title = vscode.l10n.t('Reading {name}…', { name: baseName(uri) });
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title }, () =>
    services.inspections.inspect(uri),
  );
}
